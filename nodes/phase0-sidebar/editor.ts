/** The plugin: one tab in the sidebar of the editor, and what is to be done once for each editor. */
import { guardSearchIndex } from './editor/search-index';
import { say } from './editor/words';
import { Sidebar } from './editor/sidebar';

RED.plugins.registerPlugin('phase0-sidebar', {
  onadd() {
    guardSearchIndex();
    const name = say('name');
    const { element } = new Sidebar();
    RED.sidebar.addTab({
      id: 'phase0',
      label: name,
      name,
      iconClass: 'fa fa-heartbeat',
      content: element,
      enableOnEdit: true,
    });
  },
});
