import AsyncStorage from '@react-native-async-storage/async-storage';
import * as auth from '@firebase/auth';

type Persistence = auth.Persistence;

// It exists in the build for React Native alone, and the types are those of the web's.
const { getReactNativePersistence } = auth as unknown as {
  getReactNativePersistence(storage: typeof AsyncStorage): Persistence;
};

/** Where a session is kept. */
export const persistence: Persistence[] = [getReactNativePersistence(AsyncStorage)];
