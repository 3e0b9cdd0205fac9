import { type ComponentType, type LazyExoticComponent, Suspense, lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import type { Lecture } from '../api/client';
import { Skeleton } from '../design/Skeleton';
import { Tabs, tabId } from '../design/Tabs';
import { space } from '../design/tokens';

export interface ViewProps {
  readonly lecture: Lecture;
}

type View_ = LazyExoticComponent<ComponentType<ViewProps>>;

const VIEWS = {
  transcript: lazy(() => import('./TranscriptView')),
  summary: lazy(() => import('./SummaryView')),
  outline: lazy(() => import('./OutlineView')),
  terms: lazy(() => import('./KeyTermsView')),
  cards: lazy(() => import('./CardsView')),
  questions: lazy(() => import('./QuestionsView')),
  threads: lazy(() => import('./ThreadsView')),
  files: lazy(() => import('./FilesView')),
} as const satisfies Record<string, View_>;

type Name = keyof typeof VIEWS;

const MATERIAL: readonly Name[] = ['summary', 'outline', 'terms', 'cards', 'questions', 'threads'];

/** What can be read of a lecture: a tab for each view, whose code is loaded when it is opened. */
export default function Reading({ lecture }: ViewProps) {
  const { t } = useTranslation();
  const [selected, setSelected] = useState<Name>('transcript');
  const names: readonly Name[] = [
    'transcript',
    ...(lecture.available.artifacts ? MATERIAL : []),
    ...(lecture.available.exports ? (['files'] as const) : []),
  ];
  const shown = names.includes(selected) ? selected : 'transcript';
  const Shown: View_ = VIEWS[shown];
  return (
    <View style={styles.reading}>
      <Tabs
        label={t('reading.views')}
        tabs={names.map((name) => ({ name, title: t(`reading.${name}`) }))}
        selected={shown}
        onSelect={setSelected}
      />
      <View role={'tabpanel' as never} aria-labelledby={tabId(shown)} style={styles.panel}>
        <Suspense fallback={<Skeleton label={t('lecture.loading')} rows={4} />}>
          <Shown lecture={lecture} />
        </Suspense>
      </View>
    </View>
  );
}

const styles = StyleSheet.create({
  reading: { gap: space.xl },
  panel: { gap: space.l },
});
