import { useEffect } from 'react';
import { Pressable, ScrollView, StyleSheet, View, useWindowDimensions } from 'react-native';

import { Text } from './Text';
import { isRtl } from './direction';
import { useFocusRing } from './focus';
import { movesFocus, onKeys } from './keys';
import { revealAcross } from './reveal';
import { usePalette } from './theme';
import { TOUCH, breakpoint, space } from './tokens';

export interface Props<Name extends string> {
  readonly label: string;
  readonly tabs: readonly { readonly name: Name; readonly title: string }[];
  readonly selected: Name;
  readonly onSelect: (name: Name) => void;
}

/** The id of a tab; its panel is labelled by it. */
export const tabId = (name: string) => `tab-${name}`;

const BACK = isRtl() ? 'ArrowRight' : 'ArrowLeft';
const ON = isRtl() ? 'ArrowLeft' : 'ArrowRight';

/** Views of one thing. The arrow keys lead along them, Enter opens one. */
export function Tabs<Name extends string>({ label, tabs, selected, onSelect }: Props<Name>) {
  const palette = usePalette();
  // With a mouse there may be no way to scroll sideways: what does not fit takes another line.
  const wide = useWindowDimensions().width >= breakpoint.sidebar;
  // What is beside it can be seen as well, so that it is plain that there is more.
  useEffect(() => revealAcross(tabId(selected)), [selected]);
  const list = (
    <View role="tablist" aria-label={label} style={[styles.list, wide && styles.lines]} {...onKeys(movesFocus('tab', BACK, ON))}>
      {tabs.map(({ name, title }) => (
        <Tab key={name} id={tabId(name)} title={title} selected={name === selected} onPress={() => onSelect(name)} />
      ))}
    </View>
  );
  const line = [styles.line, { borderBottomColor: palette.line }];
  if (wide) return <View style={line}>{list}</View>;
  return (
    <ScrollView horizontal showsHorizontalScrollIndicator={false} style={line}>
      {list}
    </ScrollView>
  );
}

function Tab({ id, title, selected, onPress }: { id: string; title: string; selected: boolean; onPress: () => void }) {
  const palette = usePalette();
  const { ring, focusProps } = useFocusRing();
  return (
    <Pressable
      id={id}
      role="tab"
      aria-selected={selected}
      tabIndex={selected ? 0 : -1}
      onPress={onPress}
      {...focusProps}
      // Inside of the control: the line that scrolls would cut it off.
      style={[styles.tab, { borderBottomColor: selected ? palette.accent : 'transparent' }, ring && { ...ring, outlineOffset: -2 }]}
    >
      <Text as="label" tone={selected ? 'accent' : 'soft'}>
        {title}
      </Text>
    </Pressable>
  );
}

const styles = StyleSheet.create({
  // To the edges of the screen, as what is beyond them can be scrolled to.
  line: { flexGrow: 0, flexShrink: 0, borderBottomWidth: 1, marginHorizontal: -space.xl },
  list: { flexDirection: 'row', paddingHorizontal: space.l },
  lines: { flexWrap: 'wrap' },
  tab: { minHeight: TOUCH, minWidth: TOUCH, justifyContent: 'center', alignItems: 'center', paddingHorizontal: space.s, borderBottomWidth: 3 },
});
