/** What the measuring process is told, and what it says. */
export interface LaunchSettings {
  /** Parts of ids; none: everything. */
  readonly only: readonly string[];
  readonly rounds: number;
  readonly roundMs: number;
  readonly warmUpMs: number;
}

export interface Launch {
  /** What a unit of the calibration took. */
  readonly calibrationNs: number;
  readonly measured: readonly Measured[];
}

export interface Measured {
  readonly id: string;
  /** What one is. */
  readonly operation: string;
  /** Null: ours. */
  readonly peer: string | null;
  /** Time of an operation by that of a calibration's unit: medians over rounds. */
  readonly ratio: number;
  readonly nanoseconds: number;
  /** Allocated by an operation, buffers included. */
  readonly bytes: number;
}
