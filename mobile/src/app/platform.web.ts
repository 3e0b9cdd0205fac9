/** What differs between platforms without being kept on the device. */
export const platform = {
  fetch: window.fetch.bind(window),
  /** A page talks to the server that it came from: its content security policy allows no other. */
  choosesServer: false,
  /** Screen readers and hyphenation go by it. */
  setLanguage(language: string): void {
    document.documentElement.lang = language;
  },
  /** A signed address of a file: the answer is a download, and the page stays. */
  download(address: string): void {
    window.location.assign(address);
  },
  /** Shows the app anew: a view whose code could not be loaded is loaded by it. */
  restart(): void {
    window.location.reload();
  },
};
