import { spawn, spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { followerFolder, withPerl } from "../support/follower";

/** A page of a database: all of one letter; the first has a header, in WAL mode. */
function page(letter: string, size: number, first = false): Buffer {
  const data = Buffer.alloc(size, letter);
  if (!first) return data;
  data.write("SQLite format 3\0");
  data.writeUInt16BE(size === 65_536 ? 1 : size, 16);
  data.fill(2, 18, 20);
  data.writeUInt32BE(7, 24);
  data.writeUInt32BE(7, 92);
  return data;
}

/** One publication; each is a process here, so it takes along what the last one knew. */
const PUBLISH = `
  use Publish;
  my ($private, $public, $emptied) = @ARGV;
  my $state = Publish::opened($emptied eq '' ? $private : $public, $public);
  $state->{private} = $private;
  $state->{emptied} = $emptied unless $emptied eq '';
  print Publish::publish($state, 0.2) // '', '|', $state->{emptied} // '';
`;

/** Holds SQLite's SHARED lock. */
const HOLD = `
  use Fcntl;
  open my $file, '<', $ARGV[0] or die "can't open: $!";
  my $lock = pack 's s x4 q q l x4', F_RDLCK, 0, 0x40000002, 510, 0;
  fcntl $file, F_SETLK, $lock or die "can't lock: $!";
  syswrite STDOUT, 'held';
  sleep 60;
`;

/** What Litestream writes, what the app reads, and Publish.pm between them. */
class Files {
  readonly folder = followerFolder();
  readonly private = join(this.folder, "private.db");
  readonly public = join(this.folder, "public.db");
  private emptied = "";

  constructor(
    letters: string,
    private readonly size = 4096,
  ) {
    writeFileSync(
      this.private,
      Buffer.concat([...letters].map((one, at) => page(one, size, at === 0))),
    );
    this.noted();
  }

  /** Writes a page as Litestream does, into the file as it is. */
  write(number: number, letter: string): void {
    const file = openSync(this.private, "r+");
    const at = (number - 1) * this.size;
    writeSync(file, page(letter, this.size, number === 1), 0, this.size, at);
    closeSync(file);
  }

  /** Notes the transaction, as Litestream does after the pages. */
  noted(): void {
    writeFileSync(`${this.private}-txid`, "0000000000000001\n");
  }

  /** Publishes at once, and after each of some steps; gives what it answers. */
  publish(...steps: (() => void)[]): string[] {
    return [() => undefined, ...steps].map((step) => {
      step();
      const args = [`-I${this.folder}`, "-e", PUBLISH, this.private, this.public, this.emptied];
      const { stdout, stderr } = spawnSync("perl", args, { encoding: "utf8" });
      expect(stderr).toBe("");
      const [answer = "", emptied = ""] = stdout.split("|");
      this.emptied = emptied;
      return answer;
    });
  }

  /** Litestream has restored the whole database once more. */
  restoredAnew(): void {
    this.emptied = "";
  }

  get letters(): string {
    const data = readFileSync(this.public);
    // The last byte of each page: the header is another.
    const pages = Array.from(
      { length: data.length / this.size },
      (_, at) => (at + 1) * this.size - 1,
    );
    return pages.map((at) => String.fromCharCode(data[at] ?? 0)).join("");
  }

  get header() {
    const data = readFileSync(this.public);
    return {
      versions: [...data.subarray(18, 20)],
      counters: [data.readUInt32BE(24), data.readUInt32BE(92)],
    };
  }
}

withPerl("the file that the app reads", () => {
  test("is a whole database at first, which nobody needs a WAL to read", () => {
    const files = new Files("ABC");
    expect(files.publish()).toEqual([""]);
    expect(files.letters).toBe("ABC");
    expect(files.header).toEqual({ versions: [1, 1], counters: [1, 1] });
    expect(existsSync(`${files.public}-journal`)).toBe(false);
  });

  test.each([512, 4096, 65_536])(
    "then takes over what was written, with another change counter, in pages of %i bytes",
    (size) => {
      const files = new Files("ABCDE", size);
      const change = (number: number, letter: string) => () => {
        files.write(number, letter);
        files.noted();
      };
      files.publish(change(3, "x"));
      expect(files.letters).toBe("ABxDE");
      expect(files.header).toEqual({ versions: [1, 1], counters: [2, 2] });
      files.publish(change(1, "y"), change(6, "z"));
      expect(files.letters).toBe("yBxDEz");
      expect(files.header).toEqual({ versions: [1, 1], counters: [4, 4] });
    },
  );

  test("takes over a page of zeros", () => {
    const files = new Files("ABC");
    files.publish(() => {
      files.write(2, "\0");
      files.noted();
    });
    expect(files.letters).toBe("A\0C");
  });

  test("shrinks", () => {
    const files = new Files("ABC");
    files.publish(() => {
      files.write(1, "A");
      truncateSync(files.private, 2 * 4096);
      files.noted();
    });
    expect(files.letters).toBe("AB");
  });

  test("is the same file all the time, and the private one takes no space", () => {
    const files = new Files("ABC");
    files.publish();
    const { ino } = statSync(files.public);
    files.publish(() => {
      files.write(2, "x");
      files.noted();
    });
    expect(statSync(files.public).ino).toBe(ino);
    expect(statSync(files.private)).toMatchObject({ blocks: 0, size: 3 * 4096 });
  });

  test("stays as it is when nothing has changed", () => {
    const files = new Files("ABC");
    files.publish(() => files.noted());
    expect(files.header.counters).toEqual([1, 1]);
  });

  test("gets nothing of a transaction that was applied in part", () => {
    const files = new Files("ABC");
    const answers = files.publish(() => {
      const past = new Date(Date.now() - 1000);
      files.write(2, "x");
      utimesSync(`${files.private}-txid`, past, past);
    });
    expect(answers[1]).toBe("Litestream has applied a part only of what is new");
    expect(files.letters).toBe("ABC");
    expect(files.publish(() => files.noted())[1]).toBe("");
    expect(files.letters).toBe("AxC");
  });

  test("is whole again after an end half-way, which SQLite took for a hot journal", () => {
    const files = new Files("ABC");
    files.publish();
    writeFileSync(`${files.public}-journal`, "x".repeat(512));
    const half = openSync(files.public, "r+");
    writeSync(half, "half", 2 * 4096);
    closeSync(half);
    const anew = new Files("ABC");
    writeFileSync(files.private, readFileSync(anew.private));
    files.noted();
    files.restoredAnew();
    files.publish();
    expect(files.letters).toBe("ABC");
    expect(readFileSync(files.public).subarray(8192)).toEqual(page("C", 4096));
    expect(existsSync(`${files.public}-journal`)).toBe(false);
  });

  test("is let go also when all had been written before the end", () => {
    const files = new Files("ABC");
    files.publish();
    writeFileSync(`${files.public}-journal`, "x".repeat(512));
    files.publish();
    expect(existsSync(`${files.public}-journal`)).toBe(false);
  });

  test("waits for a reader's transaction, and lets others in meanwhile", async () => {
    const files = new Files("ABC");
    files.publish();
    const reader = spawn("perl", ["-e", HOLD, files.public], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((resolve) => reader.stdout.once("data", resolve));
    const change = () => {
      files.write(2, "x");
      files.noted();
    };
    const held = files.publish(change);
    expect(held[1]).toBe("a transaction that the app keeps open holds back what is new");
    expect(files.letters).toBe("ABC");
    const ended = new Promise((resolve) => reader.once("exit", resolve));
    reader.kill("SIGKILL");
    await ended;
    expect(files.publish()).toEqual([""]);
    expect(files.letters).toBe("AxC");
  });
});
