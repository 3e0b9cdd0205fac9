import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ScrollView, StyleSheet, View, useWindowDimensions } from 'react-native';

import { IconButton } from '../design/IconButton';
import { Text } from '../design/Text';
import { ofLayout } from '../design/direction';
import { usePalette } from '../design/theme';
import { breakpoint, space } from '../design/tokens';
import { Courses } from '../library/Courses';
import { NewLecture } from '../library/NewLecture';
import { useHistory } from '../navigation/Navigation';
import { useServices } from './Services';

const SIDEBAR = 336;

export const useIsWide = (): boolean => useWindowDimensions().width >= breakpoint.sidebar;

/** On a wide screen the lectures stand beside the view; on a narrow one the view is alone. */
export function Layout({ children }: { children: ReactNode }) {
  const wide = useIsWide();
  const palette = usePalette();
  return (
    <View {...ofLayout} style={[styles.layout, { backgroundColor: palette.paper }]}>
      {wide ? <Sidebar /> : null}
      <View style={styles.view}>{children}</View>
    </View>
  );
}

function Sidebar() {
  const { t } = useTranslation();
  const history = useHistory();
  const palette = usePalette();
  const { device } = useServices();
  return (
    <View
      role="navigation"
      aria-label={t('library.navigation')}
      style={[styles.sidebar, { backgroundColor: palette.sheet, borderEndColor: palette.line }]}
    >
      <View style={styles.head}>
        <Text as="heading" style={styles.name}>
          {t('common.appName')}
        </Text>
        <IconButton icon="search" label={t('search.title')} tone="ink" onPress={() => history.push({ name: 'search' })} />
        <IconButton icon="settings" label={t('library.settings')} tone="ink" onPress={() => history.push({ name: 'settings' })} />
      </View>
      {device === null ? null : <NewLecture stacked />}
      <ScrollView contentContainerStyle={styles.list}>
        <Courses beside />
      </ScrollView>
    </View>
  );
}

const styles = StyleSheet.create({
  layout: { flex: 1, flexDirection: 'row' },
  view: { flex: 1 },
  sidebar: { width: SIDEBAR, padding: space.l, gap: space.l, borderEndWidth: 1 },
  head: { flexDirection: 'row', alignItems: 'center', gap: space.s },
  name: { flex: 1 },
  list: { paddingVertical: space.s },
});
