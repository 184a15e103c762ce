/** Deutsch. */
import type { Strings } from './strings.ts'

export const de: Strings = {
  title: 'Gesichtsprüfung',
  expect: {
    light: 'Sorgen Sie für gleichmäßiges Licht, ohne Sonnenbrille.',
    follow: 'Schauen Sie in die Kamera, dann drehen Sie den Kopf wie angesagt.',
    time: 'Es dauert etwa fünfzehn Sekunden.',
  },
  agree: 'Ich willige ein',
  start: 'Kamera starten',
  cancel: 'Abbrechen',
  again: 'Noch einmal',
  close: 'Schließen',
  simulated: 'Simulierte Kamera',
  permission: { title: 'Kamera erlauben', advice: 'Ihr Browser fragt, ob diese Seite sie benutzen darf.' },
  connecting: 'Verbindung wird aufgebaut …',
  colours: {
    title: 'Der Bildschirm wechselt die Farbe',
    advice:
      'Vier Sekunden lang, gut zweimal in der Sekunde. Lassen Sie das aus, wenn Ihnen flackerndes Licht schaden kann: Dann sieht ein Mensch Ihre Prüfung an.',
    show: 'Farben zeigen',
    skip: 'Farben auslassen',
  },
  passkey: {
    register: {
      title: 'Passkey anlegen',
      advice:
        'Damit kann dieses Gerät spätere Prüfungen bestätigen. Es fragt nach Finger, Gesicht oder PIN und behält sie für sich.',
      use: 'Passkey anlegen',
    },
    use: {
      title: 'Mit dem Passkey bestätigen',
      advice:
        'Ihr Gerät fragt nach Finger, Gesicht oder PIN und behält sie für sich. Ohne den Passkey gelingt die Prüfung vielleicht nicht.',
      use: 'Passkey verwenden',
    },
    missed: 'Es wurde kein Passkey verwendet. Versuchen Sie es noch einmal, oder machen Sie ohne weiter.',
    skip: 'Ohne weitermachen',
  },
  checking: { title: 'Einen Moment', advice: 'Die Aufnahme wird geprüft.' },
  progress: 'Schritt {step} von {steps}',
  attemptsLeft: 'Noch {n} Versuche',
  lastAttempt: 'Noch ein Versuch',
  picture: 'Bild Ihrer Kamera, gespiegelt',
  steps: {
    hold: 'Schauen Sie gerade in die Kamera',
    center: 'Schauen Sie wieder geradeaus',
    left: 'Drehen Sie den Kopf nach links',
    right: 'Drehen Sie den Kopf nach rechts',
    up: 'Heben Sie den Kopf',
    down: 'Senken Sie den Kopf',
    follow: 'Folgen Sie dem Punkt mit der Nase',
    'mouth-open': 'Öffnen Sie den Mund',
    blink: 'Blinzeln Sie einmal',
    'gaze-left': 'Augen auf den Punkt, Kopf nach links',
    'gaze-right': 'Augen auf den Punkt, Kopf nach rechts',
    'gaze-up': 'Augen auf den Punkt, Kopf nach oben',
    'gaze-down': 'Augen auf den Punkt, Kopf nach unten',
    'camera-constraint': 'Bitte einen Moment stillhalten',
    distance: 'Kommen Sie näher an die Kamera',
    'colour-light': 'Bitte stillhalten, während die Farben wechseln',
  },
  guidance: {
    'show-face': 'Bringen Sie Ihr Gesicht ins Oval',
    'one-person': 'Bitte nur eine Person',
    'come-closer': 'Kommen Sie näher',
    'move-back': 'Etwas weiter zurück',
    'move-into-oval': 'In die Mitte des Ovals',
    'more-light': 'Bitte mehr Licht',
    'less-light': 'Zu hell: vom Licht wegdrehen',
    'take-off-glasses': 'Bitte die dunkle Brille abnehmen',
    'uncover-face': 'Bitte das Gesicht freimachen',
    'brighter-screen': 'Bildschirm heller stellen oder das Licht im Raum dunkler',
    'hold-still': 'Stillhalten',
    'look-straight': 'Gerade in die Kamera schauen',
    'turn-left': 'Nach links',
    'turn-right': 'Nach rechts',
    'look-up': 'Nach oben',
    'look-down': 'Nach unten',
    'turn-further': 'Noch ein wenig weiter',
    'other-way': 'In die andere Richtung',
    slower: 'Etwas langsamer',
    'follow-dot': 'Folgen Sie dem Punkt',
    'open-mouth': 'Mund öffnen',
    'open-wider': 'Etwas weiter',
    blink: 'Einmal blinzeln',
    'well-done': 'Gut so',
  },
  outcomes: {
    pass: { title: 'Fertig', advice: 'Die Prüfung ist abgeschlossen.' },
    retry: { title: 'Noch nicht ganz', advice: 'Die Aufnahme reichte nicht aus. Bitte noch einmal.' },
    fail: {
      title: 'Die Prüfung ist nicht gelungen',
      advice: 'Sie können nach einem anderen Weg fragen, sich auszuweisen.',
    },
  },
  problems: {
    'camera-denied': {
      title: 'Die Kamera ist nicht erlaubt',
      advice: 'Erlauben Sie sie für diese Seite in der Adresszeile, dann versuchen Sie es noch einmal.',
    },
    'camera-forbidden': {
      title: 'Diese Seite darf die Kamera nicht benutzen',
      advice: 'Das liegt nicht an Ihnen und nicht an Ihren Einstellungen. Fragen Sie nach einem anderen Weg.',
    },
    'camera-not-found': {
      title: 'Keine Kamera gefunden',
      advice: 'Schließen Sie eine Kamera an oder öffnen Sie diese Seite auf einem Telefon.',
    },
    'camera-busy': {
      title: 'Die Kamera wird schon benutzt',
      advice: 'Schließen Sie andere Programme mit Kamera, dann versuchen Sie es noch einmal.',
    },
    'camera-insufficient': {
      title: 'Diese Kamera reicht nicht aus',
      advice: 'Nehmen Sie eine Kamera mit mindestens 480 × 360 Bildpunkten.',
    },
    'camera-ended': {
      title: 'Die Kamera hat aufgehört',
      advice: 'Prüfen Sie die Kamera, dann versuchen Sie es noch einmal.',
    },
    'insecure-context': {
      title: 'Diese Seite ist nicht sicher',
      advice: 'Die Kamera geht nur auf Seiten mit https.',
    },
    'unsupported-browser': {
      title: 'Dieser Browser kann das nicht',
      advice: 'Nehmen Sie eine aktuelle Fassung von Chrome, Edge, Firefox oder Safari.',
    },
    outdated: {
      title: 'Diese Seite ist veraltet',
      advice: 'Laden Sie die Seite neu und beginnen Sie von vorn.',
    },
    'unsafe-network': {
      title: 'Dieses Netz ist nicht sicher',
      advice: 'Es wurde nichts gesendet. Versuchen Sie es in einem anderen Netz noch einmal.',
    },
    'connection-lost': {
      title: 'Die Verbindung ist abgebrochen',
      advice: 'Prüfen Sie das Netz, dann versuchen Sie es noch einmal.',
    },
    cancelled: { title: 'Abgebrochen', advice: 'Beginnen Sie von vorn, wenn Sie so weit sind.' },
    'session-over': { title: 'Diese Prüfung ist beendet', advice: 'Beginnen Sie auf der Seite von vorn.' },
    'not-complete': { title: 'Die Aufnahme endete zu früh', advice: 'Bitte versuchen Sie es noch einmal.' },
    overloaded: {
      title: 'Gerade ist viel los',
      advice: 'Warten Sie einen Augenblick und versuchen Sie es dann.',
    },
    unavailable: { title: 'Die Prüfung ist gerade nicht möglich', advice: 'Bitte versuchen Sie es später.' },
    wrong: { title: 'Etwas ging schief', advice: 'Es liegt nicht an Ihnen. Bitte noch einmal versuchen.' },
  },
}
