/** The plugin: one tab in the sidebar of the editor. */
import { say } from './editor/words';
import { Sidebar } from './editor/sidebar';

RED.plugins.registerPlugin('phase0-sidebar', {
  onadd() {
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
