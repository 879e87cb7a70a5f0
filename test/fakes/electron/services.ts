import { EventEmitter } from 'node:events';

type ProtocolHandler = (request: Request) => Response | Promise<Response>;
type PermissionRequest = (
  contents: unknown,
  permission: string,
  answer: (ok: boolean) => void,
  details: object,
) => void;
type PermissionCheck = (contents: unknown, permission: string, origin: string, details: object) => boolean;
interface BoxOptions {
  readonly title?: string;
  readonly message?: string;
  readonly detail?: string;
  readonly buttons?: readonly string[];
}

const handlers = new Map<string, ProtocolHandler>();
const privileged: { scheme: string; privileges?: object }[][] = [];

export const protocol = {
  registerSchemesAsPrivileged: (schemes: { scheme: string; privileges?: object }[]) => void privileged.push(schemes),
  handle: (scheme: string, handler: ProtocolHandler) => void handlers.set(scheme, handler),
  /** For tests: what was registered, call by call. */
  privileged,
};

/** The answer of a handled scheme; null when nobody handles it. */
export async function answerScheme(url: string): Promise<Response | null> {
  const handler = handlers.get(new URL(url).protocol.slice(0, -1));
  return handler === undefined ? null : handler(new Request(url));
}

/** Permissions as Electron decides them: everything is granted that no handler refuses. */
const permissions: { request: PermissionRequest | null; check: PermissionCheck | null } = {
  request: null,
  check: null,
};

export const session = {
  defaultSession: {
    setPermissionRequestHandler: (handler: PermissionRequest) => void (permissions.request = handler),
    setPermissionCheckHandler: (handler: PermissionCheck) => void (permissions.check = handler),
    setDevicePermissionHandler: () => undefined,
    /** For tests: what a page at `origin` that wants `permission` is told, by the request and by the check. */
    async decide(permission: string, origin: string): Promise<{ request: boolean; check: boolean }> {
      const request = await new Promise<boolean>((resolve) =>
        permissions.request === null
          ? resolve(true)
          : permissions.request(null, permission, resolve, { requestingUrl: `${origin}/` }),
      );
      return { request, check: permissions.check?.(null, permission, origin, {}) ?? true };
    },
  },
};

const boxes: { readonly options: BoxOptions; readonly answer: (response: number) => void }[] = [];
const folders: string[] = [];
const dialogOptions: object[] = [];

export const dialog = {
  showErrorBox: (title: string, content: string) => process.stderr.write(`${title}: ${content}\n`),
  /** Open until the test answers. */
  showMessageBox: (...args: unknown[]) =>
    new Promise<{ response: number }>((resolve) => {
      boxes.push({ options: args.at(-1) as BoxOptions, answer: (response) => resolve({ response }) });
    }),
  /** Takes the next folder that the test has laid out; none = cancelled. */
  showOpenDialog: async (...args: unknown[]) => {
    dialogOptions.push(args.at(-1) as object);
    const folder = folders.shift();
    return { canceled: folder === undefined, filePaths: folder === undefined ? [] : [folder] };
  },
  /** For tests: the message boxes so far. */
  boxes,
  /** For tests: what the next folder dialogs give. */
  folders,
  /** For tests: how the folder dialogs were asked for. */
  dialogOptions,
};

const opened: string[] = [];
export const shell = {
  openPath: async (path: string) => {
    opened.push(path);
    return '';
  },
  openExternal: async (url: string) => void opened.push(url),
  /** For tests: everything that was handed to the system. */
  opened,
};

interface Item {
  readonly label?: string;
  readonly role?: string;
  readonly submenu?: readonly Item[];
  readonly click?: () => void;
}
let applicationMenu: { readonly items: readonly Item[] } | null = null;
export const Menu = {
  buildFromTemplate: (items: readonly Item[]) => ({ items }),
  setApplicationMenu: (menu: typeof applicationMenu) => void (applicationMenu = menu),
  getApplicationMenu: () => applicationMenu,
};

export const nativeTheme = Object.assign(new EventEmitter(), { shouldUseDarkColors: false });

const display = { id: 1, workArea: { x: 0, y: 24, width: 1600, height: 976 } };
export const screen = { getPrimaryDisplay: () => display, getAllDisplays: () => [display] };

/** What the session's keyring is in these tests; bytes are turned round, so that the text itself is nowhere. */
const keyring = { backend: 'gnome_libsecret', available: true };
const turned = (bytes: Buffer): Buffer => Buffer.from([...bytes].toReversed());
export const safeStorage = {
  isAsyncEncryptionAvailable: async () => keyring.available,
  getSelectedStorageBackend: () => keyring.backend,
  encryptStringAsync: async (text: string) => turned(Buffer.from(text, 'utf8')),
  decryptStringAsync: async (sealed: Buffer) => ({
    result: turned(sealed).toString('utf8'),
    shouldReEncrypt: false,
  }),
  /** For tests: changes it. */
  keyring,
};
