import { exposeBridge } from '../preload/bridge.ts';

exposeBridge();
