import './styles/index.css';

import { createRoot } from 'react-dom/client';

import { connectToCore } from './api/connect.ts';
import { App } from './app/app.tsx';

const connection = connectToCore(window);
createRoot(document.getElementById('root')!).render(<App connection={connection} />);
