import { formatBytes } from '../../../../shared/domain/units.ts';

/** What a person is told when something that has to be moved is larger than the room for it. */
export function noRoomMessage(neededBytes: number, freeBytes: number): string {
  return `There is no room: ${formatBytes(neededBytes)} are needed, ${formatBytes(freeBytes)} are free.`;
}
