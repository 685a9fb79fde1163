// Every word that the page says, in one place. A part that depends on numbers
// or names is a function; dates and times come from time.js.

const number = new Intl.NumberFormat("en");
const list = new Intl.ListFormat("en", { type: "conjunction" });
const many = (n, one, more) => `${number.format(n)} ${n === 1 ? one : more}`;

export const formatNumber = (n) => number.format(n);

export const strings = {
  language: "en",
  appName: "Right Now",

  // The frame. Keys that index.html names in data-t, data-t-label, …
  skip: "Skip to the message box",
  rooms: "Rooms",
  openRooms: "Rooms",
  closePanel: "Close",
  openRoomLabel: "Open or start a room",
  openRoomPlaceholder: "Open a room",
  openRoomButton: "Go",
  people: "People",
  peopleHere: "Here now",
  share: "Copy link",
  shared: "Copied!",
  shareTitle: "Copy a link to this room",
  shareByHand: "Copy this link:",
  theme: "Appearance",
  themeSystem: "Auto",
  themeLight: "Light",
  themeDark: "Dark",
  announce: "Read new messages aloud",
  announceHint: "for screen readers",
  help: "Keyboard shortcuts",
  resizeRooms: "Width of the rooms column",
  resizePeople: "Width of the people column",
  earlier: "Earlier messages",
  live: "Messages",
  newest: "New messages",
  unsent: "Not sent yet",

  // The room.
  olderButton: "Show older messages",
  olderBusy: "Loading older messages…",
  olderFailed: "They could not be loaded. Try again",
  beginning: (title) => `This is where ${title} begins.`,
  emptyTitle: "Quiet, right now.",
  emptyText: (title) => `Nobody has said anything in ${title} yet. The first line is yours.`,
  missing: "Some messages are missing here. The latest history was loaded again.",
  newLine: "New",
  newMessages: (n) => many(n, "new message", "new messages"),
  toLatest: "Latest",
  you: "you",
  moderator: "moderator",
  peopleCount: (n) => many(n, "person here", "people here"),
  peopleMore: (n) => `and ${number.format(n)} more`,
  nobody: "Nobody is here yet.",
  joined: (names) => `${list.format(names)} joined`,
  left: (names) => `${list.format(names)} left`,
  othersCount: (n) => many(n, "other", "others"),
  joinedMany: (n) => `${number.format(n)} people joined`,
  leftMany: (n) => `${number.format(n)} people left`,
  typing: (names) =>
    names.length > 3
      ? "Several people are typing"
      : `${list.format(names)} ${names.length === 1 ? "is" : "are"} typing`,
  roomPeople: (n) => many(n, "person", "people"),
  roomUnsent: "has messages that were not sent",
  arrived: (n) => `${many(n, "new message", "new messages")} arrived`,
  said: (nick, time) => `${nick}, ${time}:`,

  // Writing.
  composerLabel: (title) => `Message to ${title}`,
  composerPlaceholder: (title) => `Say something in ${title}`,
  send: "Send",
  hint: "Enter sends, Shift+Enter makes a new line",
  lengthLeft: (n) => (n < 0 ? `${number.format(-n)} too many` : `${number.format(n)} left`),
  tooLong: (n, max) =>
    `This is ${many(n, "character", "characters")} too long. A message has at most ${number.format(max)}.`,
  pending: "sending",
  queued: "waiting",
  queuedLong: "Will be sent by itself",
  failed: "Not sent",
  retry: "Try again",
  discard: "Discard",
  stale: "It waited so long that it was not sent by itself. Still send it?",
  slowDown: (s) => `Slow down a little: the next message goes out in ${number.format(s)} s.`,
  sayErrors: {
    timeout: "The server did not answer.",
    unavailable: "The server cannot store it just now.",
    too_long: "It is too long.",
    not_allowed: "You may not write here.",
    internal: "Something went wrong on the server.",
  },

  // Names.
  joinTitle: (title) => `Join ${title}`,
  joinLabel: "Your name",
  joinButton: "Join",
  joinRules: (max) => `1 to ${number.format(max)} characters, none of them invisible. Unique in this room, remembered on this device.`,
  joinWaiting: "Joining…",
  changeTitle: "Change your name",
  changeButton: "Change",
  cancel: "Cancel",
  someoneElse: "I am somebody else: forget who sat here before",
  nickEmpty: "Please type a name.",
  nickLong: (max) => `A name has at most ${number.format(max)} characters.`,
  nickTaken: (nick) => `${nick} is taken here.`,
  useSuggestion: (nick) => `Use ${nick}`,
  joinOffline: "There is no connection just now. Try again in a moment.",
  joinFailed: "That did not work. Try again in a moment.",
  youAre: "You are",
  notYou: "Not you? Change",
  noName: "You are looking on.",

  // The connection.
  connection: {
    connecting: "Connecting…",
    connected: "Connected",
    reconnecting: "Connection lost. Trying again…",
    offline: "You are offline.",
    restarting: "The server is restarting. This page comes back by itself.",
    closed: "The server closed the connection.",
  },
  reconnectingIn: (s) => `Connection lost. Next try in ${number.format(s)} s`,
  keptForLater: "Until then messages may be missing. What you write is kept.",
  tryNow: "Try now",

  // What goes wrong.
  impossible: {
    bad_room: "There can be no room of this name.",
    room_full: "This room is full.",
    too_many_rooms: "No further room can be opened.",
  },
  impossibleElse: "This room cannot be shown just now.",
  toLobby: "Go to the lobby",
  broken: "Something in this page went wrong. It may help to load it again.",
  outdated: "There is a new version of this page.",
  reload: "Reload",
  dismiss: "Not now",

  // The list of shortcuts: [keys, what they do]
  shortcuts: [
    [["Enter"], "Send the message"],
    [["Shift", "Enter"], "Start a new line"],
    [["Esc"], "Close what is open; go to the message box"],
    [["↑", "↓"], "Walk through the messages"],
    [["Home", "End"], "First shown message; latest message"],
    [["Alt", "↑"], "Room above in the list"],
    [["Alt", "↓"], "Room below in the list"],
    [["?"], "This list (outside of text fields)"],
    [["Ctrl", "/"], "This list (anywhere)"],
  ],
};
