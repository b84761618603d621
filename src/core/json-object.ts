/** One JSON object of a file, as the splitter found it. */
export type JsonObject = {
  /** 1-based number of the object (or malformed piece) within the file. */
  readonly ordinal: number;
  /** 1-based line on which it begins. */
  readonly lineNumber: number;
  /** Top-level keys, decoded, in file order (duplicates possible). */
  readonly keys: readonly string[];
  /** Verbatim JSON token of each value, as latin1 text of its UTF-8 bytes (each char code = one byte). */
  readonly tokens: readonly string[];
};
