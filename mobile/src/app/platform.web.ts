/** What differs between platforms without being kept on the device. */
export const platform = {
  fetch: window.fetch.bind(window),
  /** A page talks to the server that it came from: its content security policy allows no other. */
  choosesServer: false,
};
