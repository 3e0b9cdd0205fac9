import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import type { Schema } from '../api/client';
import { Button } from '../design/Button';
import { Card } from '../design/Card';
import { Offscreen } from '../design/Offscreen';
import { Text } from '../design/Text';
import { space } from '../design/tokens';
import { Citations } from './Citations';
import { EditableItems } from './EditableItems';
import { Loaded } from './Loaded';
import { Provenance } from './Provenance';
import type { ViewProps } from './Reading';
import { questionForm } from './forms';
import { useEditableArtifact } from './queries';

type ExamQuestion = Schema<'ExamQuestion'>;

const HEIGHT = 260;

export default function QuestionsView({ lecture }: ViewProps) {
  const { t } = useTranslation();
  const query = useEditableArtifact(lecture.lectureId, 'exam-questions');
  return (
    <Loaded query={query} loading={t('reading.loading')} missing={t('reading.none')}>
      {({ artifact, etag }) => (
        <View style={styles.list}>
          <EditableItems
            lectureId={lecture.lectureId}
            artifactType="exam-questions"
            etag={etag}
            items={artifact.content.questions}
            formOf={questionForm}
            nameOf={({ question }) => question}
          >
            {(questions, tools) =>
              questions.map((question, index) => (
                <Offscreen key={question.id || index} height={HEIGHT}>
                  <Question question={question} number={index + 1} tools={tools(question)} />
                </Offscreen>
              ))
            }
          </EditableItems>
          <Provenance made={artifact} />
        </View>
      )}
    </Loaded>
  );
}

/** The answer, and where it was said, are shown when they are asked for. */
function Question({ question, number, tools }: { question: ExamQuestion; number: number; tools: ReactNode }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  return (
    <Card>
      <Text as="caption" tone="soft">
        {t('reading.question', { number })} · {t(`reading.kind.${question.kind}`)}
      </Text>
      <Text as="heading" level={2}>
        {question.question}
      </Text>
      {question.options.map((option, index) => (
        <Text key={index} as="reading">
          {`${String.fromCodePoint(65 + index)}. ${option}`}
        </Text>
      ))}
      {shown ? <Answer question={question} /> : null}
      <View style={styles.action}>
        <Button label={shown ? t('reading.hideAnswer') : t('reading.showAnswer')} onPress={() => setShown(!shown)} />
        <View style={styles.tools}>{tools}</View>
      </View>
    </Card>
  );
}

function Answer({ question }: { question: ExamQuestion }) {
  const { t } = useTranslation();
  const { kind, answer, explanation, markingPoints, citations } = question;
  return (
    <View style={styles.answer}>
      <Text as="label" tone="ok">
        {kind === 'true-false' ? (answer === 'True' ? t('reading.true') : t('reading.false')) : answer}
      </Text>
      {explanation === '' ? null : <Text as="reading">{explanation}</Text>}
      {markingPoints.length === 0 ? null : (
        <View>
          <Text as="caption" tone="soft">
            {t('reading.markingPoints')}
          </Text>
          {markingPoints.map((point, index) => (
            <Text key={index}>{`• ${point}`}</Text>
          ))}
        </View>
      )}
      <Citations citations={citations} />
    </View>
  );
}

const styles = StyleSheet.create({
  list: { gap: space.m },
  answer: { gap: space.s },
  action: { flexDirection: 'row', flexWrap: 'wrap', alignItems: 'center', columnGap: space.m },
  tools: { flexGrow: 1, maxWidth: '100%' },
});
