import type { ListSessionsResponse, SessionData } from '@aws-sdk/client-redshift-data';
import { notFound } from '../api-error.ts';
import type { Action } from '../data-api.ts';
import { InputReader } from '../read-input.ts';
import type { KeptSession } from '../sessions.ts';
import type { Wire } from '../wire.ts';
import { epochSeconds, present } from '../wire.ts';

/** Sessions of the last 24 hours, newest first, all in one page. They are lost when the stand-in stops. */
export const listSessions: Action = (api, { input }) => {
  const read = new InputReader(input);
  const id = read.sessionId();
  const status = read.oneOf('Status', ['AVAILABLE', 'BUSY', 'CLOSED'] as const);
  const database = read.text('Database');
  const cluster = read.text('ClusterIdentifier');
  const all = api.sessions.list().toReversed();
  if (id !== undefined && !all.some((session) => session.id === id)) throw notFound('Session does not exist.', id);
  const wanted = all.filter(
    (session) =>
      (id === undefined || session.id === id) &&
      (status === undefined || session.status === status) &&
      (database === undefined || session.database === database) &&
      (cluster === undefined || cluster === api.cluster.identifier),
  );
  const reply = { Sessions: wanted.map((session) => describe(session, api.cluster.identifier)) };
  return Promise.resolve(reply satisfies Wire<ListSessionsResponse>);
};

function describe(session: KeptSession, clusterIdentifier: string): Wire<SessionData> {
  return present({
    SessionId: session.id,
    Status: session.status,
    CreatedAt: epochSeconds(session.createdAtMs),
    UpdatedAt: epochSeconds(session.updatedAtMs),
    Database: session.database,
    DbUser: session.dbUser,
    ClusterIdentifier: clusterIdentifier,
    SessionAliveSeconds: session.aliveSeconds,
    SessionTtl: epochSeconds(session.updatedAtMs + session.aliveSeconds * 1000),
    CurrentStatementId: session.currentStatementId,
  }) satisfies Wire<SessionData>;
}
