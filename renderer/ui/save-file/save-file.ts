/** Has the browser save bytes or text as a file. */
export function saveFile(name: string, parts: BlobPart[], type: string): void {
  const url = URL.createObjectURL(new Blob(parts, { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken the file over by the next turn of its loop; a minute is ample also for slow disks.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
