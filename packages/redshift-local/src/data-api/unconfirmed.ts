/**
 * Choices where public sources are silent about the Data API and the management API. A real cluster may answer
 * differently: the service must not depend on these values, and a test that needs one names it.
 */
export const unconfirmed = {
  /** Text for a session that is in the middle of a statement (its class, ValidationException, is likely). */
  sessionBusyMessage: (sessionId: string) => `Session ${sessionId} is busy: it runs one statement at a time.`,
  /** Reported for a provisioned cluster: ids that never existed and sessions that ended are told apart. */
  sessionUnknownMessage: (sessionId: string) => `Session with Id: ${sessionId} is invalid`,
  sessionClosedMessage: 'Session is not available',
  /** A text with the character U+0000, which no statement of Redshift can have. */
  nulMessage: (member: string) => `${member} must not contain the character U+0000.`,
  /** A pattern of LIKE that ends with its escape character. */
  patternMessage: (member: string) => `${member} must not end with the escape character.`,
  /**
   * Text while the cluster is pausing, paused, resuming or modifying. AWS says of the last only that the cluster is
   * "intermittently available for queries" (Redshift API, ClusterAvailabilityStatus): refusing shows what a caller does.
   */
  clusterAwayMessage: (cluster: string, status: string) => `Cluster ${cluster} is ${status} and accepts no statements.`,
  /** Text for a token that comes again with other SQL. Strict on purpose: it shows a fault in the caller. */
  tokenReusedMessage: 'ClientToken was used before with different SQL or parameters.',
  unusedParameterMessage: (names: readonly string[]) => `Parameters are not used by any statement: ${names.join(', ')}`,
  cancelFinishedMessage: (status: string, id: string) =>
    `Could not cancel a query that is already in ${status} state with ID: ${id}`,
  /** Class of "Query does not exist." and of "Query does not have result.": field reports give the texts only. */
  unknownQueryType: 'ResourceNotFoundException',
  noResultType: 'ResourceNotFoundException',
  /** `Error` of a statement that was in flight when the stand-in itself ended without a chance to finish. */
  interruptedMessage: 'ERROR: The connection to the cluster was lost.',
  /** Waiters with WaitTimeSeconds on one statement before ActiveWaitingRequestsExceededException. */
  maxWaitersPerStatement: 10,
  /** Parent status in AUTO_COMMIT mode when a statement failed. */
  autoCommitParent: 'FAILED' as 'FAILED' | 'FINISHED',
  /** Bytes of a page of GetStatementResult; only the CSV page size (1 MB) is documented. */
  jsonPageBytes: 1_000_000,
} as const;
