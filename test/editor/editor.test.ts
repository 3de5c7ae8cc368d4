/** The editor in Chromium, in both generations of Node-RED: what a person sees and does there, in a real Node-RED. */
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { useSimulator } from '../support/fixtures';
import { accessibilityTests } from './accessibility';
import { canvasTests } from './canvas';
import { dialogTests } from './dialogs';
import { exampleTests } from './examples';
import { switchFirstLamp } from './newcomer';
import { pictureTests } from './pictures';
import { useScene } from './scene';
import { subflowTests } from './subflows';
import { trialTests } from './trial';

/** Where the TLS example looks for its certificate. */
const CERTIFICATE = {
  PHASE0_TLS_CERT: resolve('test-reports/editor-lamp.pem'),
  PHASE0_TLS_KEY: resolve('test-reports/editor-lamp-key.pem'),
};

for (const generation of [4, 5] as const) {
  const packed = generation === 5;
  describe(`the editor of Node-RED ${generation}${packed ? ', with the packed package' : ''}`, function () {
    this.timeout(120_000);
    const scene = useScene(generation, { packed, env: { LAMP_HOST: '127.0.0.1', ...CERTIFICATE } });

    describe('a newcomer', () => {
      const simulator = useSimulator();
      it('comes to a lamp that is on', async () => {
        await scene().show([{ id: 'f100000000000001', type: 'tab', label: 'Mine' }]);
        await switchFirstLamp(scene().editor, simulator().port, `test-reports/newcomer-${generation}`);
        assert.equal(simulator().states.get('lamp-1'), true);
      });
    });

    describe('the Test button', () => trialTests(scene));
    describe('the dialogs', () => dialogTests(scene));
    describe('the canvas', () => canvasTests(scene));
    describe('the examples', () => exampleTests(scene, CERTIFICATE));
    describe('subflows', () => subflowTests(scene));
    describe('the pictures', () => pictureTests(scene, generation));
    describe('axe-core', () => accessibilityTests(scene));

    describe('after all that', () => {
      it('has thrown no error, and asked nobody but this machine', () => {
        assert.deepEqual(scene().opened.problems, []);
        assert.deepEqual(scene().opened.elsewhere, []);
      });
    });
  });
}
