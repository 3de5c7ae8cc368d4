/** Guided tour of the demo, a script of its editor page: runs once, and again from the main menu. */
(() => {
  /* global $, RED */
  const SEEN = 'phase0-demo-tour-seen';
  const MENU = 'red-ui-header-button-sidemenu';
  /** Node-RED imports tours as modules; a data URL needs no route of its own. */
  const MODULE = 'data:text/javascript,export default window.phase0DemoTour';
  const NODES = {
    tab: 'd3300001',
    device: 'd3300012',
    on: 'd3300030',
    toggle: 'd3300010',
    timeout: 'd3300053',
    failure: 'd3300034',
    metrics: 'd3300013',
  };
  const onCanvas = (id) => () => $(`[id="${id}"]`);

  window.phase0DemoTour = {
    steps: [
      {
        title: 'Switch a lamp over TCP',
        description: `<p>The lamp is simulated; the TCP connection is real. Node-RED switches the lamp every 10 s.
          10 s after the start the lamp stops replying for 8 s, and then it recovers.</p>
          <p>The tour has six steps. You can press everything while it is open. Esc or × closes it.</p>`,
        prepare() {
          RED.workspaces.show(NODES.tab);
        },
      },
      {
        title: 'Press "on"',
        element: onCanvas(NODES.on),
        direction: 'right',
        description: `<p>The status below <b>hall lamp</b> shows the attempt, and then the state that the lamp has
          confirmed, with the latency.</p>`,
      },
      {
        title: 'Break the lamp',
        element: onCanvas(NODES.timeout),
        direction: 'right',
        description: `<p>Press <b>timeout</b>, and then <b>on</b> again: no reply arrives, and the second attempt fails as
          well. Each button makes the lamp fail in another way. <b>success</b> repairs it.</p>`,
      },
      {
        title: 'Look at the outputs',
        element: onCanvas(NODES.failure),
        direction: 'bottom',
        description: `<p>Each message leaves once: by output 1 if the lamp confirmed, by output 2 otherwise, with the
          reason. Output 3 reports each attempt. The debug sidebar shows the messages.</p>`,
        prepare() {
          RED.sidebar.show('debug');
        },
      },
      {
        title: 'Test a device from its dialog',
        element: '#phase0-test-on',
        direction: 'top',
        description: `<p><b>Switch on</b> switches the device with the values in this dialog, before a deploy, and shows each
          attempt and the verdict.</p>`,
        prepare(done) {
          RED.editor.editConfig('', 'phase0-device', NODES.device);
          whenResting(() => $('#phase0-test-on').length > 0, done);
        },
        complete(done) {
          $('#node-config-dialog-cancel').trigger('click');
          whenResting(() => $('.red-ui-tray').length === 0, done);
        },
      },
      {
        title: 'Metrics and dashboard',
        element: onCanvas(NODES.metrics),
        direction: 'bottom',
        description: `<p>The status of this node shows the address where Prometheus reads the metrics. The lamp also has
          <a href="/dashboard/lamp" target="_blank">a dashboard</a>; its flow is on the second tab.</p>
          <p>More flows: <b>Import → Examples</b>. This tour is in the main menu.</p>`,
      },
    ],
  };

  /** Calls `done` when the dialogs have stopped moving and `isReady`. */
  function whenResting(isReady, done) {
    const moves = $('.red-ui-tray')
      .toArray()
      .some((tray) => tray.getAnimations().length > 0);
    if (!moves && isReady()) done();
    else setTimeout(() => whenResting(isReady, done), 50);
  }

  let isRunning = false;
  function run() {
    // Two tours at a time share one popover, which Node-RED does not expect.
    if (isRunning) return;
    isRunning = true;
    // Before the first step, since a page that is closed or reloaded ends the tour as well.
    RED.settings.set(SEEN, true);
    RED.tourGuide.run(MODULE, (error) => {
      isRunning = false;
      if (error) console.error(error);
    });
  }

  let loaded = false;
  RED.events.on('flows:loaded', () => {
    // Without its nodes the tour has nothing to show.
    if (loaded || !RED.nodes.node(NODES.toggle)) return;
    loaded = true;
    // The overlay of a tour would keep the mouse from the buttons that it talks about.
    $('<style>.red-ui-tourGuide-shade { pointer-events: none }</style>').appendTo(document.head);
    RED.actions.add('phase0-demo:show-tour', run);
    RED.menu.addItem(MENU, { id: 'menu-item-phase0-demo-tour', label: 'Tour of the demo', onselect: run });
    const isLoading = () => $('#red-ui-loading-progress').is(':visible');
    if (!RED.settings.get(SEEN, false)) whenResting(() => !isLoading(), run);
  });
})();
