import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Lecture, dataOf } from '../api/client';
import { useServices } from '../app/Services';
import { messageOf } from '../app/messages';
import { Button } from '../design/Button';
import { Sheet } from '../design/Sheet';
import { Text } from '../design/Text';
import { PresetChoices } from '../presets/PresetChoices';

/** The study material anew, also with another preset. */
export function MakeAgain({ lecture, onStarted }: { lecture: Lecture; onStarted: () => void }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const [preset, setPreset] = useState(lecture.presetId);
  const make = useGenerate(lecture.lectureId);
  const started = () => {
    setAsking(false);
    onStarted();
  };
  return (
    <>
      <Button label={t('preset.again')} onPress={() => setAsking(true)} />
      <Sheet title={t('preset.again')} closeLabel={t('common.close')} visible={asking} onClose={() => setAsking(false)}>
        <Text>{t('preset.againDetail')}</Text>
        <PresetChoices selected={preset} onSelect={setPreset} />
        {make.isError ? (
          <Text tone="record" urgent>
            {messageOf(t, make.error)}
          </Text>
        ) : null}
        <Button
          kind="primary"
          label={t('preset.again')}
          busy={make.isPending}
          onPress={() => make.mutate(preset, { onSuccess: started })}
        />
        <Button label={t('common.cancel')} onPress={() => setAsking(false)} />
      </Sheet>
    </>
  );
}

function useGenerate(lectureId: string) {
  const { api } = useServices();
  return useMutation({
    mutationFn: (presetId: string) =>
      dataOf(
        api.client.POST('/lectures/{lectureId}/generate', { params: { path: { lectureId } }, body: { presetId } }),
        api.clock.now(),
      ),
  });
}
