/** Owns handing the markup of dialogs to Node-RED, where a page of its own would have it. Browser-safe. */
import { templateOf, type Form } from './form';

/** To be called once for each type of node, when its page is loaded. */
export function addTemplate(form: Form): void {
  const template = document.createElement('script');
  template.type = 'text/html';
  template.dataset.templateName = form.type;
  template.textContent = templateOf(form);
  document.body.append(template);
}
