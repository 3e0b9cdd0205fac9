import type { ConfigContext, ExpoConfig } from 'expo/config';

import packageJson from './package.json';

/** Address of the API in the build. Empty on the web: the API serves the page from its own origin. */
const apiBaseUrl = process.env.API_BASE_URL ?? '';

const microphone = 'Pegasus records your lectures to transcribe them.';

export default ({ config }: ConfigContext): ExpoConfig => ({
  ...config,
  name: 'Pegasus',
  slug: 'pegasus',
  scheme: 'pegasus',
  version: packageJson.version,
  orientation: 'default',
  userInterfaceStyle: 'automatic',
  ios: {
    bundleIdentifier: process.env.IOS_BUNDLE_IDENTIFIER ?? 'app.pegasus.mobile',
    supportsTablet: true,
    infoPlist: { ITSAppUsesNonExemptEncryption: false },
  },
  android: {
    package: process.env.ANDROID_PACKAGE ?? 'app.pegasus.mobile',
    permissions: ['android.permission.POST_NOTIFICATIONS'],
  },
  web: { bundler: 'metro', output: 'single', name: 'Pegasus' },
  plugins: [
    ['expo-audio', { microphonePermission: microphone, enableBackgroundRecording: true }],
    ['expo-localization', { supportsRTL: true }],
  ],
  experiments: { baseUrl: '/app' },
  extra: { apiBaseUrl },
});
