/** What a replayed command does. */
export const flowCommandKind = { place: 0, cancel: 1, amend: 2 } as const;

/**
 * Order flow from a file, as numbers: what clients sent, when, to one symbol. Orders that rested before the file
 * begins stand in `seed` and are in the books when the run begins.
 */
export interface OrderFlow {
  readonly name: string;
  /** Hash of the content, 16 hexadecimal digits; an input of the run. */
  readonly contentHash: string;
  readonly commandCount: number;
  /** Microseconds since the first command; rising. */
  readonly atUs: Float64Array;
  readonly kind: Uint8Array;
  /** Dense numbers from 0, seed orders included. */
  readonly orderId: Int32Array;
  readonly side: Uint8Array;
  readonly orderType: Uint8Array;
  readonly timeInForce: Uint8Array;
  readonly priceTicks: Int32Array;
  /** Lots ordered; for an amend the new open quantity. */
  readonly quantity: Int32Array;
  readonly seedCount: number;
  readonly seedSide: Uint8Array;
  readonly seedOrderId: Int32Array;
  readonly seedPriceTicks: Int32Array;
  readonly seedQuantity: Int32Array;
  /** Order ids used, seed included. */
  readonly orderIdCount: number;
}
