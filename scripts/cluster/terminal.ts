import { styleText } from "node:util";

type Stream = NodeJS.WriteStream & { readonly fd: 1 | 2 };
type Style = Parameters<typeof styleText>[0];

/** Whether a stream shows colours: a terminal, unless NO_COLOR says otherwise. @see https://no-color.org */
export function hasColours(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  return stream.isTTY === true && !environment.NO_COLOR && environment.TERM !== "dumb";
}

/** Paints text, or leaves it as it is where the stream shows no colours. */
export function painter(stream: { readonly isTTY?: boolean }) {
  const colours = hasColours(stream);
  return (style: Style, text: string): string =>
    colours ? styleText(style, text, { validateStream: false }) : text;
}

/** What a program is doing, on standard error, so that standard output holds results only. */
export class Progress {
  constructor(private readonly stream: NodeJS.WriteStream | Stream = process.stderr) {}

  /** What goes on now: replaced by what comes next, and not shown where the stream isn't a terminal. */
  now(text: string): void {
    if (this.stream.isTTY) this.stream.write(`\r\u001b[2K${text}`);
  }

  /** A line that stays. */
  say(text: string): void {
    this.done();
    this.stream.write(`${text}\n`);
  }

  /** Takes away what `now` showed. */
  done(): void {
    if (this.stream.isTTY) this.stream.write("\r\u001b[2K");
  }
}
