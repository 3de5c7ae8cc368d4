/** Requests to the admin routes of the trace, with the access token of the editor. */
import type { ActionRequest, ExportFormat } from '../../../src/trace/answers';
import { errorIn } from '../../editor/error-in';
import type { Get, Later } from './long-poll';

/** Longer than the server lets a request wait, so that a connection that was lost is noticed. */
const GET_TIMEOUT_MS = 60_000;

export const get: Get = (path, answered, failed) => {
  let isWanted = true;
  const request = $.ajax<unknown>({
    url: path,
    type: 'GET',
    dataType: 'json',
    timeout: GET_TIMEOUT_MS,
    success: (answer) => isWanted && answered(answer),
    error: ({ status }) => isWanted && failed(status),
  });
  return () => {
    isWanted = false;
    request.abort();
  };
};

export const later: Later = (ms, action) => {
  const timer = window.setTimeout(action, ms);
  return () => window.clearTimeout(timer);
};

/** The editor has another token after each login. */
export function session(): string | undefined {
  return RED.settings.get('auth-tokens')?.access_token;
}

export interface ActionEvents {
  /** Gets what has come so far, each time that more came. */
  lines(text: string): void;
  /** All of it has come. */
  ended(): void;
  /** Gets the text of the server, if it said why: it `didNotRun`, unless the connection was lost meanwhile. */
  failed(why: string, didNotRun: boolean): void;
}

export function act(request: ActionRequest, events: ActionEvents): void {
  $.ajax({
    url: 'phase0/action',
    type: 'POST',
    contentType: 'application/json',
    data: JSON.stringify(request),
    dataType: 'text',
    xhrFields: { onprogress: ({ currentTarget }) => events.lines(currentTarget.responseText) },
    success: (answer) => {
      events.lines(answer);
      events.ended();
    },
    error: ({ status, responseText }, why) => events.failed(errorIn(responseText) ?? String(status || why), status > 0),
  });
}

/** A link could not send the access token, so the page gets the file and hands it over. */
export function download(format: ExportFormat, query: URLSearchParams, failed: (status: number) => void): void {
  $.ajax<unknown>({
    url: `phase0/export?${query.toString()}&format=${format}`,
    type: 'GET',
    xhrFields: { responseType: 'blob' },
    success: (file) => {
      if (!(file instanceof Blob)) return failed(0);
      const link = document.createElement('a');
      link.href = URL.createObjectURL(file);
      link.download = `phase0-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.${format}`;
      link.click();
      window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    },
    error: ({ status }) => failed(status),
  });
}
