import type { Lane } from '../core/dataset.ts';
import type { Emit } from '../core/events.ts';
import type { FileEvent } from '../core/file-event.ts';
import { fileIdentity } from '../core/file-identity.ts';
import { joinReasons, readNotification } from '../core/intake/notification.ts';
import type { QueueMessage } from '../core/ports.ts';
import type { RouteSettings } from '../core/route.ts';
import { route } from '../core/route.ts';
import type { FileIdentity } from '../core/file-identity.ts';
import type { HeldDelivery } from './message-ends.ts';

/** The content of a message: the delivery to hold, and the files to load with their lanes. */
export type Admission = {
  readonly message: HeldDelivery;
  readonly files: readonly { readonly lane: Lane; readonly file: FileEvent; readonly identity: FileIdentity }[];
};

/** Reads one message. A message without files to load (test event, unreadable, expirations) is finished at once. */
export function admit(
  message: QueueMessage,
  input: { receivedAtMs: number; answeredAtMs: number; settings: RouteSettings; emit: Emit },
): Admission {
  const { messageId, receiptHandle } = message;
  const notification = readNotification(message.body, message.sentAtMs);
  const held = (parkReason: string | null): HeldDelivery => ({
    messageId,
    receiptHandle,
    receiveCount: message.receiveCount,
    sentAtMs: message.sentAtMs,
    receivedAtMs: input.receivedAtMs,
    answeredAtMs: input.answeredAtMs,
    parkReason,
    original: parkReason === null ? null : message,
  });
  switch (notification.kind) {
    case 'test_event':
      input.emit({ kind: 'message.test_event', messageId });
      return { message: held(null), files: [] };
    case 'unreadable':
      input.emit({ kind: 'message.unreadable', messageId, reason: notification.reason });
      return { message: held(notification.reason), files: [] };
    case 'events': {
      const parkReason = notification.unreadable.length === 0 ? null : joinReasons(notification.unreadable);
      if (parkReason !== null) input.emit({ kind: 'message.unreadable', messageId, reason: parkReason });
      const files = notification.files.flatMap((file) => {
        const lane = laneOf(file, input.settings);
        return lane === null ? [] : [{ lane, file, identity: fileIdentity(file) }];
      });
      return { message: held(parkReason), files };
    }
  }
}

/** `null` for the service's own work files, which are not recorded. */
function laneOf(file: FileEvent, settings: RouteSettings): Lane | null {
  const to = route(file, settings);
  switch (to.kind) {
    case 'load':
      return to.lane;
    case 'record':
      return 'ignored';
    case 'drop':
      return null;
  }
}
