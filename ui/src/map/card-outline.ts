/** The outline of a card says what kind of thing it is: what stores is a drum, what passes messages on is a pipe. */
const stores: ReadonlySet<string> = new Set([
  "aurora",
  "aurora-limitless",
  "dynamodb",
  "elasticache",
  "s3",
  "journal",
]);
const pipes: ReadonlySet<string> = new Set(["sqs-fifo", "eventbridge", "kinesis", "msk"]);
const radius = 4;

export type CardKind = "store" | "pipe" | "service";

export function kindOf(service: string): CardKind {
  return stores.has(service) ? "store" : pipes.has(service) ? "pipe" : "service";
}

/** The `d` of a path that fills a card of this size. */
export function cardOutline(kind: CardKind, width: number, height: number): string {
  // How far an edge bulges; little on a low card, whose text needs the room.
  const bulge = height < 30 ? 2.5 : 4;
  if (kind === "store") {
    const sides = height - 2 * bulge;
    return `M0 ${bulge}Q${width / 2} ${-bulge} ${width} ${bulge}v${sides}Q${width / 2} ${height + bulge} 0 ${height - bulge}z`;
  }
  if (kind === "pipe") {
    const lid = width - 2 * bulge;
    return `M${bulge} 0h${lid}Q${width + bulge} ${height / 2} ${width - bulge} ${height}h${-lid}Q${-bulge} ${height / 2} ${bulge} 0z`;
  }
  const [across, down] = [width - 2 * radius, height - 2 * radius];
  const corner = (x: number, y: number) => `a${radius} ${radius} 0 0 1 ${x} ${y}`;
  return `M${radius} 0h${across}${corner(radius, radius)}v${down}${corner(-radius, radius)}h${-across}${corner(-radius, -radius)}v${-down}${corner(radius, -radius)}z`;
}
