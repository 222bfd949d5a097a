/** Ctrl-C, and what else asks the program to end. It is asked, not obeyed at once: what was begun is undone first. */
export class Interrupt {
  private readonly controller = new AbortController();
  private readonly listener = () => {
    if (!this.signal.aborted) this.tell();
    this.controller.abort();
  };

  /** @param tell called once, at the first signal */
  constructor(private readonly tell: () => void) {
    for (const name of SIGNALS) process.on(name, this.listener);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  get asked(): boolean {
    return this.signal.aborted;
  }

  end(): void {
    for (const name of SIGNALS) process.off(name, this.listener);
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
