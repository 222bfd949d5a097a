/** What ends a program with a text for a person instead of a stack trace; exit code 1. */
export class Failure extends Error {
  override readonly name: string = "Failure";
  readonly exitCode: number = 1;
}

/** The program was called wrongly; exit code 2. */
export class UsageFailure extends Failure {
  override readonly name = "UsageFailure";
  override readonly exitCode = 2;
}

/** A time limit ran out; exit code 1. */
export class TimeoutFailure extends Failure {
  override readonly name = "TimeoutFailure";
}
