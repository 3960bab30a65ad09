// Text as its 16-bit units: the core has no TextEncoder, which belongs to pages and to Node.

/** Bytes that a text takes. */
export function textByteLength(text: string): number {
  return text.length * 2;
}

/** Writes a text at an offset. */
export function writeText(text: string, view: DataView, byteOffset: number): void {
  for (let i = 0; i < text.length; i += 1) {
    view.setUint16(byteOffset + i * 2, text.charCodeAt(i), true);
  }
}

/** Reads a text of so many bytes. */
export function readText(view: DataView, byteOffset: number, byteLength: number): string {
  let text = "";
  for (let i = 0; i < byteLength; i += 2) {
    text += String.fromCharCode(view.getUint16(byteOffset + i, true));
  }
  return text;
}
