/** Whether somebody can see the tab: not while another tab is in front of it, the sidebar is closed, or the page hidden. */

export function watchVisibility(element: Element, changed: (isVisible: boolean) => void): void {
  let isInView = false;
  let wasVisible = false;
  const update = () => {
    const isVisible = isInView && document.visibilityState === 'visible';
    if (isVisible === wasVisible) return;
    wasVisible = isVisible;
    changed(isVisible);
  };
  const observer = new IntersectionObserver((entries) => {
    isInView = entries[entries.length - 1]?.isIntersecting === true;
    update();
  });
  observer.observe(element);
  document.addEventListener('visibilitychange', update);
}
