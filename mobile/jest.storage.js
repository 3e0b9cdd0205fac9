/* global jest */
// The native module is not there; the package's own stand-in keeps everything in memory.
jest.mock('@react-native-async-storage/async-storage', () =>
  require('@react-native-async-storage/async-storage/jest/async-storage-mock'),
);
