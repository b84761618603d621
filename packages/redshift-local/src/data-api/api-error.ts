/** The modelled errors of the Data API with their HTTP status, as the SDK's model has them. */
const statusByType = {
  ValidationException: 400,
  ResourceNotFoundException: 404,
  ActiveStatementsExceededException: 400,
  ActiveSessionsExceededException: 400,
  ActiveWaitingRequestsExceededException: 400,
  QueryTimeoutException: 400,
  ThrottlingException: 400,
  UnknownOperationException: 400,
  SerializationException: 400,
  ExecuteStatementException: 500,
  BatchExecuteStatementException: 500,
  DatabaseConnectionException: 500,
  InternalServerException: 500,
} as const;

export type ApiErrorType = keyof typeof statusByType;

/** A refusal of the call itself. An SQL error is in the statement's `Error` instead. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly type: ApiErrorType;
  readonly status: number;
  /** Further members of the error body, such as `ResourceId`. */
  readonly members: Readonly<Record<string, string>>;

  constructor(type: ApiErrorType, message: string, members: Readonly<Record<string, string>> = {}) {
    super(message);
    this.type = type;
    this.status = statusByType[type];
    this.members = members;
  }

  body(): string {
    return JSON.stringify({ __type: this.type, Message: this.message, ...this.members });
  }
}

export function invalid(message: string): ApiError {
  return new ApiError('ValidationException', message);
}

export function notFound(message: string, resourceId: string): ApiError {
  return new ApiError('ResourceNotFoundException', message, { ResourceId: resourceId });
}
