import type { ErrorCode } from '../core/errors.ts';

/**
 * Maps the error names of the SDK clients to codes; `error-texts.ts` maps texts, and `core/verdict.ts` says what follows from a code.
 * A test derives the names from the installed SDK, fails when a name is in no row, and sends each error over the wire; another test
 * checks what the consumer does for each code.
 */
export type Service = 's3' | 'sqs' | 'data_api' | 'redshift';

/** Errors by name. A row of one service has priority over a row of `any`. */
export type NameRow = { readonly from: Service | 'any'; readonly code: ErrorCode; readonly names: readonly string[] };

const row = (from: NameRow['from'], code: ErrorCode, names: string): NameRow => ({
  from,
  code,
  names: names.trim().split(/\s+/),
});

/** Sources: the SDK's models; "Common error types" of each API reference; S3 API reference, "Error responses". */
export const NAME_ROWS: readonly NameRow[] = [
  // The SDK's own list of throttling codes, and further ones.
  row(
    'any',
    'throttled',
    `BandwidthLimitExceeded EC2ThrottledException LimitExceededException PriorRequestNotComplete
    ProvisionedThroughputExceededException RequestLimitExceeded RequestThrottled RequestThrottledException SlowDown
    ThrottledException Throttling ThrottlingException TooManyRequestsException TransactionInProgressException`,
  ),
  row(
    'any',
    'endpoint_unreachable',
    'NoAnswerError TimeoutError RequestTimeout RequestTimeoutException RequestAbortedException',
  ),
  // The source of the credentials may be unavailable for a while; at the start each of these ends the program.
  row(
    'any',
    'credentials_expired',
    'ExpiredToken ExpiredTokenException TokenRefreshRequired CredentialsProviderError TokenProviderError',
  ),
  row('any', 'clock_skewed', 'RequestExpired RequestInTheFuture RequestTimeTooSkewed'),
  row(
    'any',
    'access_denied',
    `AccessDenied AccessDeniedException AuthFailure IncompleteSignature InvalidAccessKeyId InvalidClientTokenId
    InvalidSecurity InvalidSignatureException InvalidToken MissingAuthenticationToken MissingAuthenticationTokenException
    NotAuthorized OptInRequired SignatureDoesNotMatch UnauthorizedOperation UnrecognizedClientException`,
  ),
  row(
    'any',
    'request_refused',
    `InvalidAction InvalidParameterCombination InvalidParameterValue InvalidQueryParameter MalformedHttpRequestException
    MalformedQueryString MissingAction MissingParameter RequestEntityTooLargeException SerializationException
    UnknownOperationException UnsupportedProtocol ValidationError ValidationException`,
  ),

  row('s3', 'bucket_missing', 'NoSuchBucket'),
  row('s3', 'object_missing', 'NoSuchKey NoSuchVersion NotFound'),
  // Only a PUT that must not overwrite has a condition. The conflict: another call writes or deletes the object just now, so the
  // PUT may be tried again (Amazon S3 API Reference, PutObject, If-None-Match). A caller that must not overwrite leaves
  // the object alone in both cases.
  row('s3', 'object_exists', 'PreconditionFailed ConditionalRequestConflict'),
  // Archived by a lifecycle rule: the object cannot be read before it is restored.
  row('s3', 'object_unreadable', 'InvalidObjectState'),
  row('s3', 'service_unavailable', 'InternalError ServiceUnavailable OperationAborted IncompleteBody BadDigest'),
  row('s3', 'access_denied', 'AccountProblem AllAccessDisabled NotSignedUp UnauthorizedAccess CredentialsNotSupported'),
  row(
    's3',
    'config_invalid',
    'AuthorizationHeaderMalformed InvalidBucketName PermanentRedirect Redirect TemporaryRedirect',
  ),
  row('s3', 'throttled', 'KMS.ThrottlingException'),
  row(
    's3',
    'key_refused',
    'KMS.DisabledException KMS.InvalidKeyUsageException KMS.KMSInvalidStateException KMS.NotFoundException',
  ),
  // A bug in this program, or a bucket policy that blocks the call; also errors of calls that this program never makes.
  row(
    's3',
    'request_refused',
    `EntityTooLarge InvalidArgument InvalidDigest InvalidRange InvalidRequest InvalidStorageClass InvalidURI KeyTooLongError
    MalformedXML MethodNotAllowed MissingContentLength NotImplemented AnnotationLimitExceeded
    AnnotationNameTooLong BucketAlreadyExists BucketAlreadyOwnedByYou EncryptionTypeMismatch IdempotencyParameterMismatch
    InvalidAnnotationName InvalidPrefix InvalidWriteOffset NoSuchAnnotation NoSuchUpload ObjectAlreadyInActiveTierError
    ObjectNotInActiveTierError TooManyParts UnsupportedMediaType`,
  ),

  row(
    'sqs',
    'queue_missing',
    'QueueDoesNotExist AWS.SimpleQueueService.NonExistentQueue InvalidAddress QueueDeletedRecently',
  ),
  // More than 120,000 messages in flight: some come free when leases end.
  row('sqs', 'throttled', 'KmsThrottled OverLimit'),
  row(
    'sqs',
    'key_refused',
    'KmsAccessDenied KmsDisabled KmsInvalidKeyUsage KmsInvalidState KmsNotFound KmsOptInRequired',
  ),
  row('sqs', 'service_unavailable', 'InternalFailure InternalError ServiceUnavailable'),
  // In batch calls the last two are errors of an entry, not of the call: see `failedEntry`.
  row(
    'sqs',
    'request_refused',
    `BatchEntryIdsNotDistinct BatchRequestTooLong EmptyBatchRequest InvalidAttributeName InvalidAttributeValue
    InvalidBatchEntryId InvalidIdFormat InvalidMessageContents PurgeQueueInProgress QueueNameExists
    ResourceNotFoundException TooManyEntriesInBatchRequest UnsupportedOperation MessageNotInflight ReceiptHandleIsInvalid`,
  ),

  // Quotas that the SDK does not retry.
  row(
    'data_api',
    'throttled',
    'ActiveSessionsExceededException ActiveStatementsExceededException ActiveWaitingRequestsExceededException',
  ),
  row('data_api', 'warehouse_missing', 'ResourceNotFoundException'),
  // "An environmental error while running": only the ledger shows whether the statement ran.
  row(
    'data_api',
    'warehouse_unavailable',
    `BatchExecuteStatementException DatabaseConnectionException ExecuteStatementException InternalFailure
    InternalServerException ServiceUnavailable`,
  ),
  row('data_api', 'timeout', 'QueryTimeoutException'),

  row('redshift', 'warehouse_missing', 'ClusterNotFound ClusterNotFoundFault ResourceNotFoundFault'),
  // Pausing, resuming and resizing a cluster take minutes.
  row(
    'redshift',
    'warehouse_unavailable',
    `DependentServiceUnavailableFault InsufficientClusterCapacityFault InternalFailure InvalidClusterStateFault
    InvalidClusterState ServiceUnavailable`,
  ),
  row('redshift', 'throttled', 'DependentServiceRequestThrottlingFault LimitExceededFault'),
  row(
    'redshift',
    'access_denied',
    `AccessToClusterDeniedFault AccessToSnapshotDeniedFault DependentServiceAccessDeniedFault SNSNoAuthorizationFault
    UnauthorizedPartnerIntegrationFault`,
  ),
  // Only `UnsupportedOperationFault` belongs to a call that this program makes: a cluster that cannot be paused.
  row(
    'redshift',
    'request_refused',
    `UnsupportedOperationFault AuthenticationProfileAlreadyExistsFault AuthenticationProfileNotFoundFault
    AuthenticationProfileQuotaExceededFault AuthorizationAlreadyExistsFault AuthorizationNotFoundFault
    AuthorizationQuotaExceededFault BatchDeleteRequestSizeExceededFault BatchModifyClusterSnapshotsLimitExceededFault
    BucketNotFoundFault ClusterAlreadyExistsFault ClusterOnLatestRevisionFault ClusterParameterGroupAlreadyExistsFault
    ClusterParameterGroupNotFoundFault ClusterParameterGroupQuotaExceededFault ClusterQuotaExceededFault
    ClusterSecurityGroupAlreadyExistsFault ClusterSecurityGroupNotFoundFault ClusterSecurityGroupQuotaExceededFault
    ClusterSnapshotAlreadyExistsFault ClusterSnapshotNotFoundFault ClusterSnapshotQuotaExceededFault
    ClusterSubnetGroupAlreadyExistsFault ClusterSubnetGroupNotFoundFault ClusterSubnetGroupQuotaExceededFault
    ClusterSubnetQuotaExceededFault ConflictPolicyUpdateFault CopyToRegionDisabledFault CustomCnameAssociationFault
    CustomDomainAssociationNotFoundFault EndpointAlreadyExistsFault EndpointAuthorizationAlreadyExistsFault
    EndpointAuthorizationNotFoundFault EndpointAuthorizationsPerClusterLimitExceededFault EndpointNotFoundFault
    EndpointsPerAuthorizationLimitExceededFault EndpointsPerClusterLimitExceededFault EventSubscriptionQuotaExceededFault
    HsmClientCertificateAlreadyExistsFault HsmClientCertificateNotFoundFault HsmClientCertificateQuotaExceededFault
    HsmConfigurationAlreadyExistsFault HsmConfigurationNotFoundFault HsmConfigurationQuotaExceededFault
    InProgressTableRestoreQuotaExceededFault IncompatibleOrderableOptions InsufficientS3BucketPolicyFault
    IntegrationAlreadyExistsFault IntegrationConflictOperationFault IntegrationConflictStateFault IntegrationNotFoundFault
    IntegrationQuotaExceededFault IntegrationSourceNotFoundFault IntegrationTargetNotFoundFault
    InvalidAuthenticationProfileRequestFault InvalidAuthorizationStateFault InvalidClusterParameterGroupStateFault
    InvalidClusterSecurityGroupStateFault InvalidClusterSnapshotScheduleStateFault InvalidClusterSnapshotStateFault
    InvalidClusterSubnetGroupStateFault InvalidClusterSubnetStateFault InvalidClusterTrackFault InvalidDataShareFault
    InvalidElasticIpFault InvalidEndpointStateFault InvalidHsmClientCertificateStateFault InvalidHsmConfigurationStateFault
    InvalidNamespaceFault InvalidPolicyFault InvalidReservedNodeStateFault InvalidRestoreFault InvalidRetentionPeriodFault
    InvalidS3BucketNameFault InvalidS3KeyPrefixFault InvalidScheduleFault InvalidScheduledActionFault
    InvalidSnapshotCopyGrantStateFault InvalidSubnet InvalidSubscriptionStateFault InvalidTableRestoreArgumentFault
    InvalidTagFault InvalidUsageLimitFault InvalidVPCNetworkStateFault Ipv6CidrBlockNotFoundFault
    NumberOfNodesPerClusterLimitExceededFault NumberOfNodesQuotaExceededFault PartnerNotFoundFault
    Qev2IdcApplicationAlreadyExistsFault Qev2IdcApplicationNotExistsFault RedshiftIdcApplicationAlreadyExistsFault
    RedshiftIdcApplicationNotExistsFault RedshiftIdcApplicationQuotaExceededFault RedshiftInvalidParameterFault
    ReservedNodeAlreadyExistsFault ReservedNodeAlreadyMigratedFault ReservedNodeExchangeNotFoundFault
    ReservedNodeNotFoundFault ReservedNodeOfferingNotFoundFault ReservedNodeQuotaExceededFault ResizeNotFoundFault
    SNSInvalidTopicFault SNSTopicArnNotFoundFault ScheduleDefinitionTypeUnsupportedFault ScheduledActionAlreadyExistsFault
    ScheduledActionNotFoundFault ScheduledActionQuotaExceededFault ScheduledActionTypeUnsupportedFault
    SnapshotCopyAlreadyDisabledFault SnapshotCopyAlreadyEnabledFault SnapshotCopyDisabledFault
    SnapshotCopyGrantAlreadyExistsFault SnapshotCopyGrantNotFoundFault SnapshotCopyGrantQuotaExceededFault
    SnapshotScheduleAlreadyExistsFault SnapshotScheduleNotFoundFault SnapshotScheduleQuotaExceededFault
    SnapshotScheduleUpdateInProgressFault SourceNotFoundFault SubnetAlreadyInUse SubscriptionAlreadyExistFault
    SubscriptionCategoryNotFoundFault SubscriptionEventIdNotFoundFault SubscriptionNotFoundFault
    SubscriptionSeverityNotFoundFault TableLimitExceededFault TableRestoreNotFoundFault TagLimitExceededFault
    UnknownSnapshotCopyRegionFault UnsupportedOptionFault UsageLimitAlreadyExistsFault UsageLimitNotFoundFault`,
  ),
];

/** Connections that were never made: the call had no effect. Names of Node and of the operating system. */
export const NOT_CONNECTED: readonly string[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
];

/** Connections that broke or timed out: the call may have taken effect. */
export const BROKEN_CONNECTION: readonly string[] = [
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ERR_SOCKET_CONNECTION_TIMEOUT',
];

/** Errors whose name is in no row (a proxy's page, say), by HTTP status; the first matching row counts. */
export const STATUS_ROWS: readonly {
  readonly from: Service | 'any';
  readonly range: readonly [number, number];
  readonly code: ErrorCode;
}[] = [
  { from: 's3', range: [301, 307], code: 'config_invalid' },
  { from: 'any', range: [401, 401], code: 'access_denied' },
  { from: 'any', range: [403, 403], code: 'access_denied' },
  // S3 names a missing object or bucket (`NoSuchKey`, `NoSuchBucket`); a 404 with another name comes from another server.
  { from: 's3', range: [404, 404], code: 'service_unavailable' },
  { from: 'any', range: [407, 408], code: 'endpoint_unreachable' },
  { from: 'any', range: [429, 429], code: 'throttled' },
  { from: 's3', range: [500, 599], code: 'service_unavailable' },
  { from: 'sqs', range: [500, 599], code: 'service_unavailable' },
  { from: 'any', range: [500, 599], code: 'warehouse_unavailable' },
];
