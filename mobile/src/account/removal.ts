import type { Device } from '../device/types';

/** Deletes all recordings on the device, uploads under way included. */
export async function removeRecordings(device: Device): Promise<void> {
  for (const { upload } of device.uploads.get()) await device.uploads.remove(upload.id);
  for (const recording of device.recordings.get() ?? []) await device.recordings.delete(recording.id);
}
