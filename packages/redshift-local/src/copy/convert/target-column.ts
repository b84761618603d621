/** A column of the table that a COPY fills, in the order of the column list. */
export type TargetColumn = {
  readonly name: string;
  /** As Redshift's load-error views name it. */
  readonly type: ColumnType;
  /** Bytes of CHAR and VARCHAR, total digits of NUMERIC; 0 where the type has none. */
  readonly length: number;
  /** Digits after the point of NUMERIC. */
  readonly scale: number;
  readonly notNull: boolean;
};

export type ColumnType =
  | 'varchar'
  | 'char'
  | 'int2'
  | 'int4'
  | 'int8'
  | 'numeric'
  | 'float4'
  | 'float8'
  | 'bool'
  | 'date'
  | 'timestamp'
  | 'timestamptz'
  | 'time'
  | 'timetz'
  | 'super';
