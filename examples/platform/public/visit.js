// A visit within the platform's own page: the element of Holdspace with a ticket from our backend.

const [number, role] = location.hash.slice(1).split('/');

try {
  const { server, session, token } = await fetchTicket();
  // The element's own file comes from the server that it talks to, so that the two always fit each other.
  await import(new URL('call/holdspace-call.js', server).href);
  const call = document.createElement('holdspace-call');
  call.setAttribute('server', server);
  call.setAttribute('session', session);
  call.setAttribute('token', token);
  call.setAttribute('support-phone', '+49 30 1234567');
  call.renewToken = async () => (await fetchTicket()).token;
  call.addEventListener('holdspace-state', ({ detail }) => {
    document.querySelector('#state').textContent = detail.state;
  });
  document.body.append(call);
} catch (error) {
  const trouble = document.querySelector('#trouble');
  trouble.textContent = `The visit cannot be opened: ${error.message}`;
  trouble.hidden = false;
}

async function fetchTicket() {
  const response = await fetch(`/appointments/${encodeURIComponent(number)}/ticket/${encodeURIComponent(role)}`);
  const ticket = await response.json();
  if (!response.ok) {
    throw new Error(ticket.error);
  }
  return ticket;
}
