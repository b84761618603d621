import { policy } from '../aws/policy.ts';
import type { Policy } from '../aws/policy.ts';

/** Who may write to the topic of the alarms: CloudWatch, for alarms of this account. */
export function alarmTopicPolicy(input: { readonly topicArn: string; readonly account: string }): Policy {
  return policy({
    Sid: 'AlarmsOfThisAccount',
    Effect: 'Allow',
    Principal: { Service: ['cloudwatch.amazonaws.com'] },
    Action: ['sns:Publish'],
    Resource: [input.topicArn],
    Condition: { StringEquals: { 'aws:SourceAccount': input.account } },
  });
}
