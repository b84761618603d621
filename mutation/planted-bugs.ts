import type { PlantedBug } from './planted-bug.ts';
import { COMMAND_PLANTS } from './plants/commands.ts';
import { CONSUMER_PLANTS } from './plants/consumer.ts';
import { CORE_PLANTS } from './plants/core.ts';
import { LOADER_PLANTS } from './plants/loaders.ts';
import { READER_PLANTS } from './plants/reader.ts';
import { REST_PLANTS } from './plants/rest.ts';
import { SQL_PLANTS } from './plants/sql.ts';
import { VERIFY_PLANTS } from './plants/verify.ts';

export const PLANTED_BUGS: readonly PlantedBug[] = [
  ...COMMAND_PLANTS,
  ...CONSUMER_PLANTS,
  ...CORE_PLANTS,
  ...LOADER_PLANTS,
  ...READER_PLANTS,
  ...REST_PLANTS,
  ...SQL_PLANTS,
  ...VERIFY_PLANTS,
];
