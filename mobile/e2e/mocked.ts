import type { Page } from '@playwright/test';

import { stack } from './stack';

/** Words as a user may have them: long ones, and titles of several lines. */
export interface Words {
  readonly course: string;
  readonly title: string;
  readonly sentence: string;
  readonly word: string;
}

export const english: Words = {
  course: 'Data Structures and Electroencephalography',
  title: 'Collisions and chaining in open hash tables, with Donaudampfschifffahrtsgesellschaft',
  sentence: 'A hash table stores each key in the slot that a hash function gives it.',
  word: 'Electroencephalographically',
};

export const arabic: Words = {
  course: 'هياكل البيانات والخوارزميات',
  title: 'التصادمات والسلاسل في جداول التجزئة المفتوحة',
  sentence: 'يخزن جدول التجزئة كل مفتاح في الخانة التي تعطيها دالة التجزئة.',
  word: 'الخوارزميات',
};

const cites = [{ startSec: 94, endSec: 98, quote: 'as it was said' }];
const item = (id: string) => ({ id, own: false, edited: id === '1', hidden: false, threadRef: null, citations: cites });

function lecture(words: Words, lectureId: string, change: object = {}): object {
  return {
    lectureId,
    lectureKey: `key-${lectureId}`,
    courseId: 'course',
    title: words.title,
    presetId: 'exam',
    status: 'completed',
    error: null,
    durationSec: 3130,
    language: 'en',
    warnings: [],
    available: { recording: true, transcript: true, artifacts: true, exports: true },
    consent: { informed: null, basis: null, at: null },
    restrictedAt: null,
    createdAt: '2026-11-12T10:00:00Z',
    recordingDeletesAt: '2026-12-12T10:00:00Z',
    transcriptDeletesAt: '2026-11-26T10:00:00Z',
    materialDeletesAt: null,
    recordingDeletedAt: null,
    transcriptDeletedAt: null,
    materialDeletedAt: null,
    ...change,
  };
}

const stages = (transcription: string, done: number) => [
  { stage: 'upload', status: 'succeeded', percent: 100 },
  {
    stage: 'transcription',
    status: transcription,
    percent: 10 * done,
    segments: Array.from({ length: 9 }, (_, index) => ({
      index,
      startSec: index * 300,
      endSec: (index + 1) * 300,
      status: index < done ? 'succeeded' : index === done ? 'running' : 'queued',
      attempt: 1,
    })),
  },
  { stage: 'generation', status: 'not_started', percent: 0 },
  { stage: 'export', status: 'not_started', percent: 0 },
];

const progress = (lectureId: string, overallStatus: string, more: object) => ({
  lectureId,
  overallStatus,
  percent: 100,
  estimatedSecondsLeft: null,
  error: null,
  warnings: [],
  stages: [],
  ...more,
});

/** The answers of an API whose user has lectures in every state. */
function answersOf(words: Words): Record<string, object> {
  const { sentence, word } = words;
  const moving = lecture(words, 'moving', { status: 'processing', durationSec: 3600 });
  const failed = lecture(words, 'failed', { status: 'failed', error: { code: 'no_speech', message: '' } });
  const made = (artifactType: string, content: object) => ({
    lectureId: 'ready',
    artifactType,
    presetId: 'exam',
    provider: 'extractive',
    generatedAt: '2026-11-12T10:00:00Z',
    grounding: { items: 3, verified: 2, repaired: 0, dropped: 1, checks: ['quotes'] },
    warnings: [],
    content,
  });
  const page = { limit: 100, offset: 0, count: 4, total: 4, hasMore: false, nextOffset: null, prevOffset: null, nextCursor: null };
  const utterances = Array.from({ length: 30 }, (_, id) => ({
    id,
    startSec: id * 94,
    endSec: id * 94 + 90,
    text: id % 7 === 3 ? `${word} ${word}. ${sentence}` : sentence,
    confidence: id % 5 === 2 ? 0.3 : 0.9,
    words: [],
  }));
  const inForce = { rawAudioDays: 30, transcriptDays: 14, materialDays: null, held: true };
  const hold = { until: '2027-03-31T22:00:00Z', reason: 'An appeal.' };
  return {
    '/config': { apiVersion: '0.1.0', signIn: null, upload: { maxBytes: 2e8, mediaTypes: [], maxHours: 12 }, retentionDays: { rawAudio: 30, transcript: 14, material: null } },
    '/me': {
      operator: false,
      usageToday: { lectures: 3, audioSec: 9000, resetsAt: '2026-11-13T00:00:00Z' },
      dailyLimits: { lectures: 200, audioSec: 360_000 },
      holdings: { courses: 1, lectures: 4, storageBytes: 123_456_789 },
    },
    '/presets': { presets: [] },
    '/jobs/dead-letter': {
      jobs: [{ jobId: 'b7a0c7c4-5d8c-4f0a-9a43-3d6d2f1c2b11', lectureId: 'ready', type: 'transcription', attempt: 5, maxAttempts: 5, error: { code: 'worker_lost', message: sentence }, updatedAt: '2026-11-12T10:00:00Z' }],
      pagination: { ...page, total: 1 },
    },
    '/messages/dead-letter': {
      messages: [{ messageId: 'm', source: 'generate-push', payload: '', attributes: {}, jobId: null, createdAt: '2026-11-12T10:00:00Z', replayedAt: null }],
      pagination: { ...page, total: 1 },
    },
    '/courses': { courses: [{ courseId: 'course', title: words.course, description: null, createdAt: '2026-11-01T10:00:00Z' }], pagination: page },
    '/courses/course': { courseId: 'course', title: words.course, description: null, createdAt: '2026-11-01T10:00:00Z' },
    '/courses/course/retention': { courseId: 'course', rules: { rawAudioDays: null, transcriptDays: null, materialDays: null, hold }, inForce },
    '/courses/course/vocabulary': { courseId: 'course', terms: [word, 'hash'] },
    '/courses/course/threads': {
      courseId: 'course',
      threads: [
        { threadId: 't', title: word, aliases: [], description: sentence, complexity: 2, updates: [], occurrences: [{ lectureId: 'ready', ...cites[0] }] },
      ],
      pagination: page,
    },
    '/lectures': { lectures: [moving, lecture(words, 'ready'), failed, lecture(words, 'second', { title: null })], pagination: page },
    '/lectures/ready': lecture(words, 'ready'),
    '/lectures/moving': moving,
    '/lectures/failed': failed,
    '/lectures/ready/progress': progress('ready', 'completed', {}),
    '/lectures/moving/progress': progress('moving', 'in_progress', { percent: 45, estimatedSecondsLeft: 130, stages: stages('running', 4) }),
    '/lectures/failed/progress': progress('failed', 'failed', { percent: 2, error: { code: 'no_speech', message: '' }, stages: stages('failed', 0) }),
    '/lectures/moving/transcript/partial': { lectureId: 'moving', complete: false, language: 'en', utterances: utterances.slice(0, 4), pending: [{ startSec: 400, endSec: null }], warnings: [] },
    '/lectures/ready/transcript': { utterances, language: 'en', durationSec: 3130, warnings: [] },
    '/lectures/ready/transcript/revisions': {
      lectureId: 'ready',
      revisions: [1, 2, 3].map((revision) => ({ revision, corrected: revision - 1, current: revision === 3, path: '', createdAt: '2026-11-12T10:00:00Z' })),
    },
    '/lectures/ready/artifacts': { lectureId: 'ready', outdated: true, artifacts: [] },
    '/lectures/ready/items': { lectureId: 'ready', edits: [] },
    '/lectures/ready/artifacts/summary': made('summary', { overview: sentence, overviewCitations: cites, announcements: [], sections: [{ title: word, bullets: [{ text: sentence, role: 'claim', citations: [...cites, ...cites] }] }] }),
    '/lectures/ready/artifacts/outline': made('outline', { nodes: [{ title: word, startSec: 10, endSec: 90, points: [{ text: sentence, citations: cites }], children: [{ title: words.title, startSec: 20, endSec: 80, points: [{ text: sentence, citations: cites }], children: [] }] }] }),
    '/lectures/ready/artifacts/key-terms': made('key-terms', { terms: [{ ...item('1'), term: word, definition: sentence, example: sentence, firstSaidSec: 90 }] }),
    '/lectures/ready/artifacts/flashcards': made('flashcards', { cards: ['1', '2'].map((id) => ({ ...item(id), key: id, guid: null, difficulty: 'easy', tags: [], kind: 'basic', front: `${word}?`, back: sentence })) }),
    '/lectures/ready/artifacts/exam-questions': made('exam-questions', {
      questions: [{ ...item('1'), kind: 'multiple-choice', difficulty: 'easy', question: `${word}?`, options: [word, sentence], answer: word, explanation: sentence, markingPoints: [sentence] }],
    }),
    '/lectures/ready/exports': {
      lectureId: 'ready',
      outdated: false,
      exports: ['pdf', 'anki', 'zip'].map((type) => ({ type, fileName: `${word}.${type}`, sizeBytes: 245_000, path: '', contentType: '', sha256: '', createdAt: '' })),
    },
    '/search': {
      results: [{ lectureId: 'ready', courseId: 'course', title: words.title, rank: 1, startSec: 94, endSec: 120, excerpt: sentence, highlights: [] }],
      pagination: { ...page, total: 1 },
    },
  };
}

const EVENT = { percent: 45.5, stage: 'transcription', estimatedSecondsLeft: 130 };

/** The API of the page, with lectures in every state: no stack has to do the work first. `more`: by path, other answers. */
export async function serveMocked(page: Page, words: Words, more: Record<string, object> = {}): Promise<void> {
  const answers = { ...answersOf(words), ...more };
  const isApi = ({ origin, pathname }: URL) => origin === stack.api && !pathname.startsWith('/app/');
  await page.route(isApi, async (route) => {
    const { pathname, searchParams } = new URL(route.request().url());
    const answer = answers[searchParams.has('restricted') ? `${pathname}?restricted` : pathname];
    if (pathname === '/events') {
      const data = JSON.stringify({ ...answers['/lectures/moving'], ...EVENT });
      await route.fulfill({ contentType: 'text/event-stream', body: `event: lecture\ndata: ${data}\nid: a\n\n` });
    } else if (answer !== undefined) await route.fulfill({ json: answer, headers: { ETag: '"a"' } });
    else if (searchParams.has('restricted')) await route.fulfill({ json: { lectures: [], pagination: {} } });
    else await route.fulfill({ status: 503, json: { code: 'streams_busy', detail: '', status: 503, requestId: 'r' } });
  });
}
