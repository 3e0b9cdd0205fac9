import { configure } from '@testing-library/react-native';

configure({ asyncUtilTimeout: 20_000 });

// A warning is a defect: it fails the test that caused it.
const fail =
  (level: string) =>
  (...parts: unknown[]) => {
    throw new Error(`console.${level}: ${parts.map(String).join(' ')}`);
  };

beforeEach(() => {
  jest.spyOn(console, 'error').mockImplementation(fail('error'));
  jest.spyOn(console, 'warn').mockImplementation(fail('warn'));
});

afterEach(() => {
  jest.restoreAllMocks();
});
