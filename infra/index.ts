import { program } from './program.ts';

/** Pulumi's entry: the engine imports this file and calls what it exports; nothing happens at import. */
export default program;
