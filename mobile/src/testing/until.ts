/** Waits for a condition; raises if it has not come true in time. */
export async function until(condition: () => boolean, deadlineMs = 10_000): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('The condition did not come true.');
    await new Promise((done) => setTimeout(done, 1));
  }
}
