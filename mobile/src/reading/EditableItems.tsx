import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import { messageOf } from '../app/messages';
import { Button } from '../design/Button';
import { Card } from '../design/Card';
import { Text } from '../design/Text';
import { TextButton } from '../design/TextButton';
import { space } from '../design/tokens';
import { ItemSheet } from './ItemSheet';
import type { Form } from './forms';
import type { ArtifactType } from './queries';
import { isConflict, useItemWrites } from './useItemWrites';

interface Item {
  readonly id: string;
  readonly own: boolean;
  readonly edited: boolean;
  readonly hidden: boolean;
}

export interface Props<Shown extends Item> {
  readonly lectureId: string;
  readonly artifactType: 'flashcards' | 'key-terms' | 'exam-questions';
  readonly etag: string;
  /** All of the artifact, hidden ones too. */
  readonly items: readonly Shown[];
  readonly formOf: (item: Shown | null) => Form;
  /** What an item is called where it is not shown. */
  readonly nameOf: (item: Shown) => string;
  /** The view of those that are not hidden; `tools` stand below an item. */
  readonly children: (shown: readonly Shown[], tools: (item: Shown) => ReactNode) => ReactNode;
}

/** Items that can be worded, hidden and added, and those that are hidden. */
export function EditableItems<Shown extends Item>(props: Props<Shown>) {
  const { lectureId, artifactType, etag, items, formOf, nameOf, children } = props;
  const { t } = useTranslation();
  const [opened, setOpened] = useState<Form | null>(null);
  const hiding = useHiding(lectureId, artifactType, etag);
  const shown = items.filter(({ hidden }) => !hidden);
  const hidden = items.filter((item) => item.hidden);
  const current = items.find(({ id }) => id === opened?.id);
  const hide = ({ id }: Shown) => (hiding.isPending ? undefined : hiding.set(id, true));
  const tools = (item: Shown) => (
    <View style={styles.tools}>
      <Text as="caption" tone="soft" style={styles.note}>
        {item.own ? t('items.own') : item.edited ? t('items.edited') : ''}
      </Text>
      <TextButton label={named(t('items.edit'), nameOf(item))} text={t('items.edit')} onPress={() => setOpened(formOf(item))} />
      <TextButton label={named(t('items.hide'), nameOf(item))} text={t('items.hide')} onPress={() => hide(item)} />
    </View>
  );
  return (
    <View style={styles.part}>
      {children(shown, tools)}
      {hiding.error === null ? null : (
        <Text tone="record" urgent>
          {isConflict(hiding.error) ? t('items.changedTryAgain') : messageOf(t, hiding.error)}
        </Text>
      )}
      <View style={styles.tools}>
        <Button label={t(`items.add.${artifactType}`)} onPress={() => setOpened(formOf(null))} />
      </View>
      {hidden.length === 0 ? null : (
        <Hidden names={hidden.map((item) => [item.id, nameOf(item)])} busy={hiding.isPending} onShow={(id) => hiding.set(id, false)} />
      )}
      {opened === null ? null : (
        <ItemSheet
          lectureId={lectureId}
          artifactType={artifactType}
          title={opened.id === null ? t(`items.add.${artifactType}`) : t('items.edit')}
          opened={opened}
          now={current === undefined ? null : formOf(current)}
          etag={etag}
          onClose={() => setOpened(null)}
        />
      )}
    </View>
  );
}

/** Buttons of a list say what they are for. */
const named = (action: string, name: string) => `${action}: ${name}`;

interface HiddenProps {
  readonly names: readonly (readonly [id: string, name: string])[];
  readonly busy: boolean;
  readonly onShow: (id: string) => void;
}

/** Folded until it is asked for: what was hidden is not to be read. */
function Hidden({ names, busy, onShow }: HiddenProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <View style={styles.part}>
      <View style={styles.tools}>
        <Button label={open ? t('items.foldHidden') : t('items.hidden', { count: names.length })} onPress={() => setOpen(!open)} />
      </View>
      {open
        ? names.map(([id, name]) => (
            <Card key={id}>
              <Text>{name}</Text>
              <View style={styles.tools}>
                <TextButton label={named(t('items.show'), name)} text={t('items.show')} onPress={() => (busy ? undefined : onShow(id))} />
              </View>
            </Card>
          ))
        : null}
    </View>
  );
}

/** Hiding loses nothing, so where the artifact has changed meanwhile it is read again, and the next press counts. */
function useHiding(lectureId: string, artifactType: ArtifactType, etag: string) {
  const { mutate, error, isPending, readAgain } = useItemWrites(lectureId, artifactType);
  const set = (itemId: string, hidden: boolean) =>
    mutate(
      { kind: 'change', itemId, etag, changes: { hidden } },
      { onError: (failure) => (isConflict(failure) ? void readAgain() : undefined) },
    );
  return { set, error, isPending };
}

const styles = StyleSheet.create({
  part: { gap: space.l },
  tools: { maxWidth: '100%', flexDirection: 'row', flexWrap: 'wrap', alignItems: 'center', gap: space.m },
  note: { flexGrow: 1 },
});
