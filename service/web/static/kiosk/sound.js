// Short tones, off until somebody turns them on.
const TONES = { ready: [660], pass: [660, 880], fail: [440, 330], unsure: [520, 520], visitor: [660] };
let context = null;

/** Turns sound on or off; gives whether it is on. */
export function toggleSound() {
  if (context) {
    context.close();
    context = null;
  } else context = new AudioContext();
  return context !== null;
}

export function play(name) {
  if (!context || !TONES[name]) return;
  TONES[name].forEach((pitch, place) => tone(pitch, context.currentTime + place * 0.18));
}

function tone(pitch, at) {
  const source = context.createOscillator(), volume = context.createGain();
  source.frequency.value = pitch;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.12, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 0.17);
  source.connect(volume).connect(context.destination);
  source.start(at);
  source.stop(at + 0.18);
}
