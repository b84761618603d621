/** A request as a client sends it. `{bucket}` and `{upload}` (of an answer before it) are filled in. */
type RecordedRequest = {
  readonly send: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly status: number;
  /** Found in the body of the answer; a group named `upload` is kept. */
  readonly answer?: RegExp;
};

const upload = /<UploadId>(?<upload>[^<]+)<\/UploadId>/;

const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const signed = (names: string): string =>
  `AWS4-HMAC-SHA256 Credential=local/20261130/us-east-1/s3/aws4_request, SignedHeaders=${names}, Signature=5ef01e45`;
const cli = {
  'accept-encoding': 'identity',
  'x-amz-date': '20261130T101904Z',
  'x-amz-content-sha256': EMPTY,
  authorization: signed('host;x-amz-content-sha256;x-amz-date'),
};
const cliPut = {
  ...cli,
  expect: '100-continue',
  authorization: signed('content-md5;host;x-amz-content-sha256;x-amz-date'),
};
const completed = '<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">';
const etag = '"8a80554c91d9fca8acb82f023de02f11"';

/** `aws s3 cp`, `ls`, `mv` and `rm` of AWS CLI 2.9.19; the last PUT has the checksum that later versions add. */
export const CLI_2: readonly RecordedRequest[] = [
  {
    send: 'PUT /{bucket}/log_data/v2/a.json',
    headers: { ...cliPut, 'content-type': 'application/json', 'content-md5': 'ioBVTJHZ/KisuC8CPeAvEQ==' },
    body: '{}\n',
    status: 200,
  },
  { send: 'POST /{bucket}/log_data/v2/large?uploads', headers: cli, status: 200, answer: upload },
  {
    send: 'PUT /{bucket}/log_data/v2/large?uploadId={upload}&partNumber=1',
    headers: { ...cliPut, 'content-md5': 'ioBVTJHZ/KisuC8CPeAvEQ==' },
    body: '{}\n',
    status: 200,
  },
  {
    send: 'POST /{bucket}/log_data/v2/large?uploadId={upload}',
    headers: cli,
    body: `${completed}<Part><ETag>${etag}</ETag><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>`,
    status: 200,
    answer: /<CompleteMultipartUploadResult/,
  },
  {
    send: 'GET /{bucket}?list-type=2&prefix=log_data%2Fv2%2F&delimiter=%2F&encoding-type=url',
    headers: cli,
    status: 200,
    answer: /<Key>log_data\/v2\/a\.json<\/Key>.*<Key>log_data\/v2\/large<\/Key>/,
  },
  { send: 'HEAD /{bucket}/log_data/v2/a.json', headers: cli, status: 200 },
  { send: 'GET /{bucket}/log_data/v2/a.json', headers: cli, status: 200, answer: /^{}\n$/ },
  {
    send: 'PUT /{bucket}/log_data/v2/b.json',
    headers: { ...cli, 'x-amz-copy-source': '{bucket}/log_data/v2/a.json', 'content-length': '0' },
    status: 200,
    answer: /<CopyObjectResult/,
  },
  { send: 'DELETE /{bucket}/log_data/v2/a.json', headers: { ...cli, 'content-length': '0' }, status: 204 },
  { send: 'GET /{bucket}/log_data/v2/a.json', headers: cli, status: 404, answer: /<Code>NoSuchKey<\/Code>/ },
  {
    send: 'PUT /{bucket}/log_data/v2/c.json',
    headers: { ...cliPut, 'x-amz-sdk-checksum-algorithm': 'CRC64NVME', 'x-amz-checksum-crc64nvme': 'ysnZ0sIZXEM=' },
    body: '{}\n',
    status: 200,
  },
];

const duckdb = {
  'x-amz-date': '20261130T101904Z',
  'x-amz-content-sha256': EMPTY,
  authorization: signed('host;x-amz-content-sha256;x-amz-date'),
};

/** `copy … to 's3://…'` and `read_json('s3://…/*.json')` of DuckDB's httpfs, as its source (s3fs.cpp) builds them. */
export const DUCKDB_HTTPFS: readonly RecordedRequest[] = [
  { send: 'POST /{bucket}/log_data/duck/a.json?uploads=', headers: duckdb, status: 200, answer: upload },
  {
    send: 'PUT /{bucket}/log_data/duck/a.json?partNumber=1&uploadId={upload}',
    headers: { ...duckdb, 'content-type': 'application/octet-stream' },
    body: '{}\n',
    status: 200,
  },
  {
    send: 'POST /{bucket}/log_data/duck/a.json?uploadId={upload}',
    headers: { ...duckdb, 'content-type': 'application/octet-stream' },
    body: `${completed}<Part><ETag>${etag}</ETag><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>`,
    status: 200,
    answer: /<CompleteMultipartUploadResult/,
  },
  {
    send: 'GET /{bucket}/?encoding-type=url&list-type=2&prefix=log_data%2Fduck%2F',
    headers: duckdb,
    status: 200,
    answer: /<Key>log_data\/duck\/a\.json<\/Key>/,
  },
  { send: 'HEAD /{bucket}/log_data/duck/a.json', headers: duckdb, status: 200 },
  {
    send: 'GET /{bucket}/log_data/duck/a.json',
    headers: { ...duckdb, range: 'bytes=0-1' },
    status: 206,
    answer: /^{}$/,
  },
];
