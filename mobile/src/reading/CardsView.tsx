import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Pressable, StyleSheet, View } from 'react-native';

import type { Schema } from '../api/client';
import { Button } from '../design/Button';
import { Text } from '../design/Text';
import { useFocusRing } from '../design/focus';
import { usePalette } from '../design/theme';
import { elevation, radius, space } from '../design/tokens';
import { Citations } from './Citations';
import { EditableItems } from './EditableItems';
import { Loaded } from './Loaded';
import { Provenance } from './Provenance';
import type { ViewProps } from './Reading';
import { clozeParts } from './cloze';
import { cardForm } from './forms';
import { useEditableArtifact } from './queries';

type Flashcard = Schema<'Flashcard'>;

export default function CardsView({ lecture }: ViewProps) {
  const { t } = useTranslation();
  const query = useEditableArtifact(lecture.lectureId, 'flashcards');
  return (
    <Loaded query={query} loading={t('reading.loading')} missing={t('reading.none')}>
      {({ artifact, etag }) => (
        <View style={styles.deck}>
          <EditableItems
            lectureId={lecture.lectureId}
            artifactType="flashcards"
            etag={etag}
            items={artifact.content.cards}
            formOf={cardForm}
            nameOf={nameOf}
          >
            {(cards, tools) => <Deck cards={cards} tools={tools} />}
          </EditableItems>
          <Provenance made={artifact} />
        </View>
      )}
    </Loaded>
  );
}

/** One card at a time. The answer is shown when it is asked for, and hidden again with the next card. */
function Deck({ cards, tools }: { cards: readonly Flashcard[]; tools: (card: Flashcard) => ReactNode }) {
  const { t } = useTranslation();
  const [place, setIndex] = useState(0);
  // The last card may have been hidden.
  const index = Math.max(0, Math.min(place, cards.length - 1));
  const [flipped, setFlipped] = useState(false);
  const card = cards[index];
  if (card === undefined) return <Text tone="soft">{t('reading.none')}</Text>;
  const show = (next: number) => {
    setIndex((next + cards.length) % cards.length);
    setFlipped(false);
  };
  return (
    <View style={styles.deck}>
      <Text as="caption" tone="soft" aria-live="polite">
        {t('reading.cardOf', { number: index + 1, count: cards.length })} · {t(`reading.difficulty.${card.difficulty}`)}
      </Text>
      <Face card={card} flipped={flipped} onPress={() => setFlipped(!flipped)} />
      {flipped ? <Citations citations={card.citations} /> : null}
      <View style={styles.controls}>
        <Button grow label={t('reading.previous')} onPress={() => show(index - 1)} />
        <Button
          grow
          kind="primary"
          label={flipped ? t('reading.next') : t('reading.showAnswer')}
          onPress={() => (flipped ? show(index + 1) : setFlipped(true))}
        />
      </View>
      {tools(card)}
    </View>
  );
}

/** The front, without marks of gaps. */
const nameOf = (card: Flashcard) => (card.kind === 'cloze' ? clozeParts(card.front).map(({ text }) => text).join('') : card.front);

function Face({ card, flipped, onPress }: { card: Flashcard; flipped: boolean; onPress: () => void }) {
  const { t } = useTranslation();
  const palette = usePalette();
  const { ring, focusProps } = useFocusRing();
  const cloze = card.kind === 'cloze';
  return (
    <Pressable
      role="button"
      accessibilityHint={flipped ? t('reading.hideAnswer') : t('reading.showAnswer')}
      onPress={onPress}
      {...focusProps}
      style={[styles.face, { backgroundColor: palette.sheet, boxShadow: elevation.low }, ring]}
    >
      <Text as="heading">
        {cloze
          ? clozeParts(card.front).map(({ text, hint }, index) =>
              hint === null ? (
                text
              ) : (
                <Text as="heading" key={index} tone="accent">
                  {flipped ? text : `[${hint}]`}
                </Text>
              ),
            )
          : card.front}
      </Text>
      {flipped && card.back !== '' ? (
        <Text as="reading" style={[styles.back, { borderTopColor: palette.line }]}>
          {card.back}
        </Text>
      ) : null}
    </Pressable>
  );
}

const styles = StyleSheet.create({
  deck: { gap: space.l },
  face: { minHeight: 220, justifyContent: 'center', gap: space.l, padding: space.xl, borderRadius: radius.m },
  back: { borderTopWidth: 1, paddingTop: space.l },
  controls: { flexDirection: 'row', flexWrap: 'wrap', gap: space.m },
});
