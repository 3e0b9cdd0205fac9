import { ApiProblem, NetworkFailure } from '../api/problem';
import { until } from '../testing/until';
import { Player } from './player';
import { FakeMedia } from './testing';

const gone = new ApiProblem(410, 'deleted_by_retention', '', null, null, []);

function made(addresses: (string | Error)[] = ['one', 'two', 'three'], durationSec: number | null = 100) {
  const media = new FakeMedia();
  const unused = [...addresses];
  const player = new Player(() => media, {
    durationSec,
    address: async () => {
      const next = unused.shift() ?? new Error('No address is left.');
      if (next instanceof Error) throw next;
      return next;
    },
  });
  return { media, player, unused, status: () => player.state.get().status };
}

test('nothing is requested before it is played', async () => {
  const { media, player, unused } = made();
  player.seek(30);
  player.skip(10);
  expect(unused).toHaveLength(3);
  await player.play();
  expect(media.told).toEqual(['load one 40', 'play']);
});

test('it says what the media does', async () => {
  const { media, player, status } = made();
  await player.play();
  expect(status()).toBe('loading');
  media.emit('playing');
  expect(status()).toBe('playing');
  media.emit('waiting');
  expect(status()).toBe('loading');
  media.emit('playing');
  media.at = 7.5;
  media.emit('moved');
  expect(player.state.get().positionSec).toBe(7.5);
  media.emit('paused');
  expect(status()).toBe('paused');
});

test('a citation seeks and plays, with the same address', async () => {
  const { media, player, unused } = made();
  await player.play();
  media.emit('playing');
  player.playFrom(63);
  await until(() => media.told.filter((each) => each === 'play').length === 2);
  expect(media.told).toEqual(['load one 0', 'play', 'seek 63', 'play']);
  expect(unused).toHaveLength(2);
});

test('positions stay within the recording, and the end plays from the beginning', async () => {
  const { media, player } = made();
  player.skip(-10);
  expect(player.state.get().positionSec).toBe(0);
  player.seek(5_000);
  expect(player.state.get().positionSec).toBe(100);
  await player.play();
  expect(media.told).toEqual(['load one 0', 'play']);
});

test('an address that has expired is replaced, and it goes on where it was', async () => {
  const { media, player, status } = made();
  await player.play();
  media.emit('playing');
  media.at = 42;
  media.emit('moved');
  media.emit('failed');
  await until(() => media.told.length === 4);
  expect(media.told.slice(2)).toEqual(['load two 42', 'play']);
  expect(player.state.get().failure).toBeNull();
  media.emit('playing');
  // After it has played, the next one that expires is replaced as well.
  media.emit('failed');
  await until(() => media.told.length === 6);
  expect(media.told[4]).toBe('load three 42');
  expect(status()).toBe('loading');
});

test('a recording that cannot be read is said to be so, after one more address', async () => {
  const { media, player, unused, status } = made();
  await player.play();
  media.emit('failed');
  await until(() => media.told.includes('load two 0'));
  media.emit('failed');
  expect(status()).toBe('paused');
  expect(player.state.get().failure).toBeInstanceOf(NetworkFailure);
  expect(unused).toEqual(['three']);
  // Another press tries again.
  await player.play();
  expect(player.state.get().failure).toBeNull();
  expect(media.told).toContain('load three 0');
});

test('why there is no address is kept', async () => {
  const { media, player, status } = made([gone]);
  await player.play();
  expect(status()).toBe('paused');
  expect(player.state.get().failure).toBe(gone);
  expect(media.told).toEqual([]);
});

test('an address that arrives after a pause starts nothing', async () => {
  const { media, player, status } = made();
  const playing = player.play();
  player.pause();
  await playing;
  expect(media.told).not.toContain('play');
  expect(status()).toBe('paused');
});

test('a link opens at its second, and plays only where sound is expected', async () => {
  const quiet = made();
  quiet.player.openAt(90);
  expect(quiet.player.state.get()).toMatchObject({ positionSec: 90, status: 'paused' });
  expect(quiet.unused).toHaveLength(3);

  const pressed = made();
  pressed.media.expected = true;
  pressed.player.openAt(90);
  await until(() => pressed.media.told.includes('play'));
  expect(pressed.media.told).toEqual(['load one 90', 'play']);
});

test('a browser that does not let it play is no failure', async () => {
  const { media, player, status } = made();
  media.refusal = Object.assign(new Error('no gesture'), { name: 'NotAllowedError' });
  await player.play();
  expect(status()).toBe('paused');
  expect(player.state.get().failure).toBeNull();
});

test('after its view is gone nothing is loaded', async () => {
  const { media, player } = made();
  const playing = player.play();
  player.dispose();
  await playing;
  expect(media.told).toEqual([]);
  await player.play();
  player.dispose();
  expect(media.told).toEqual(['load two 0', 'play', 'dispose']);
});

test('a speed that was chosen before holds for what is loaded', async () => {
  const { media, player } = made();
  player.setRate(1.5);
  await player.play();
  expect(media.told).toEqual(['rate 1.5', 'load one 0', 'play']);
  player.setRate(2);
  expect(media.told.at(-1)).toBe('rate 2');
});

describe('a span', () => {
  const started = async () => {
    const all = made();
    all.player.playSpan(7, 12);
    await until(() => all.media.told.includes('play'));
    all.media.emit('playing');
    const at = (sec: number) => {
      all.media.at = sec;
      all.media.emit('moved');
    };
    return { ...all, at };
  };

  test('is played to its end, and stops there', async () => {
    const { media, at, status } = await started();
    expect(media.told).toEqual(['load one 7', 'play']);
    at(11.9);
    expect(status()).toBe('playing');
    at(12);
    expect(status()).toBe('paused');
    expect(media.told).toContain('pause');
  });

  test('is over with what the user does in between', async () => {
    for (const act of [(player: Player) => player.seek(9), (player: Player) => player.skip(1), (player: Player) => player.playFrom(8)]) {
      const { player, at, status } = await started();
      act(player);
      at(50);
      expect(status()).not.toBe('paused');
    }
    const { player, media, at, status } = await started();
    player.toggle();
    player.toggle();
    await until(() => media.told.filter((told) => told === 'play').length === 2);
    media.emit('playing');
    at(50);
    expect(status()).toBe('playing');
  });

  test('ends where it should with an address that has expired', async () => {
    const { media, at, status } = await started();
    at(8);
    media.emit('failed');
    await until(() => media.told.includes('load two 8'));
    media.emit('playing');
    at(12.1);
    expect(status()).toBe('paused');
  });
});
