import type { Service } from '../../../../src/aws/error-names.ts';

export type HttpAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** A refusal as each service writes it: S3 and the management API in XML, SQS and the Data API in AWS JSON. */
export function errorAnswer(from: Service, error: { name: string; message: string; status: number }): HttpAnswer {
  const { message, name, status } = error;
  const requestId = '4d2e6f0a-0000-4000-8000-000000000000';
  switch (from) {
    case 's3':
      return {
        status,
        headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId },
        body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${name}</Code><Message>${xml(message)}</Message><RequestId>${requestId}</RequestId></Error>`,
      };
    case 'redshift':
      return {
        status,
        headers: { 'content-type': 'text/xml' },
        body: `<ErrorResponse xmlns="http://redshift.amazonaws.com/doc/2012-12-01/"><Error><Type>Sender</Type><Code>${name}</Code><Message>${xml(message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
      };
    case 'sqs':
      return {
        status,
        headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': requestId },
        body: JSON.stringify({ __type: `com.amazonaws.sqs#${name}`, message }),
      };
    case 'data_api':
      return {
        status,
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId },
        body: JSON.stringify({ __type: name, Message: message }),
      };
  }
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
