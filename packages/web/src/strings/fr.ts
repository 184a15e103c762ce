/** Français. */
import type { Strings } from './strings.ts'

export const fr: Strings = {
  title: 'Contrôle du visage',
  expect: {
    light: 'Cherchez une lumière égale, sans lunettes de soleil.',
    follow: 'Regardez la caméra, puis tournez la tête comme indiqué.',
    time: 'Cela dure une quinzaine de secondes.',
  },
  agree: 'J’accepte',
  start: 'Démarrer la caméra',
  cancel: 'Annuler',
  again: 'Réessayer',
  close: 'Fermer',
  simulated: 'Caméra simulée',
  permission: {
    title: 'Autorisez la caméra',
    advice: 'Votre navigateur demande si cette page peut l’utiliser.',
  },
  connecting: 'Connexion …',
  colours: {
    title: 'L’écran va changer de couleur',
    advice:
      'Pendant quatre secondes, un peu plus de deux fois par seconde. Passez cette étape si une lumière qui clignote peut vous nuire : une personne examinera alors votre contrôle.',
    show: 'Montrer les couleurs',
    skip: 'Passer les couleurs',
  },
  passkey: {
    register: {
      title: 'Créer une clé d’accès',
      advice:
        'Elle permet à cet appareil de confirmer les vérifications suivantes. Il demande votre doigt, votre visage ou un code, et les garde pour lui.',
      use: 'Créer une clé d’accès',
    },
    use: {
      title: 'Confirmez avec votre clé d’accès',
      advice:
        'Votre appareil demande votre doigt, votre visage ou un code, et les garde pour lui. Sans la clé d’accès, la vérification peut échouer.',
      use: 'Utiliser ma clé d’accès',
    },
    missed: 'Aucune clé d’accès n’a été utilisée. Réessayez, ou continuez sans elle.',
    skip: 'Continuer sans clé',
  },
  checking: { title: 'Un instant', advice: 'L’enregistrement est en cours de contrôle.' },
  progress: 'Étape {step} sur {steps}',
  attemptsLeft: 'Encore {n} essais',
  lastAttempt: 'Encore un essai',
  picture: 'Image de votre caméra, en miroir',
  steps: {
    hold: 'Regardez droit vers la caméra',
    center: 'Regardez de nouveau droit devant',
    left: 'Tournez la tête vers la gauche',
    right: 'Tournez la tête vers la droite',
    up: 'Levez la tête',
    down: 'Baissez la tête',
    follow: 'Suivez le point avec le nez',
    'mouth-open': 'Ouvrez la bouche',
    blink: 'Clignez une fois des yeux',
    'gaze-left': 'Les yeux sur le point, la tête à gauche',
    'gaze-right': 'Les yeux sur le point, la tête à droite',
    'gaze-up': 'Les yeux sur le point, la tête en haut',
    'gaze-down': 'Les yeux sur le point, la tête en bas',
    'camera-constraint': 'Restez immobile un instant',
    distance: 'Approchez-vous de la caméra',
    'colour-light': 'Restez immobile pendant que les couleurs changent',
  },
  guidance: {
    'show-face': 'Placez votre visage dans l’ovale',
    'one-person': 'Une seule personne, s’il vous plaît',
    'come-closer': 'Approchez-vous',
    'move-back': 'Reculez un peu',
    'move-into-oval': 'Vers le milieu de l’ovale',
    'more-light': 'Plus de lumière, s’il vous plaît',
    'less-light': 'Trop clair : éloignez-vous de la lumière',
    'take-off-glasses': 'Retirez vos lunettes noires',
    'uncover-face': 'Découvrez votre visage',
    'brighter-screen': 'Rendez l’écran plus lumineux, ou la pièce plus sombre',
    'hold-still': 'Ne bougez pas',
    'look-straight': 'Regardez droit vers la caméra',
    'turn-left': 'Vers la gauche',
    'turn-right': 'Vers la droite',
    'look-up': 'Vers le haut',
    'look-down': 'Vers le bas',
    'turn-further': 'Encore un peu',
    'other-way': 'Dans l’autre sens',
    slower: 'Un peu plus lentement',
    'follow-dot': 'Suivez le point',
    'open-mouth': 'Ouvrez la bouche',
    'open-wider': 'Un peu plus',
    blink: 'Clignez une fois',
    'well-done': 'Très bien',
  },
  outcomes: {
    pass: { title: 'Terminé', advice: 'Le contrôle est achevé.' },
    retry: {
      title: 'Pas tout à fait',
      advice: 'L’enregistrement n’a pas suffi. Réessayez, s’il vous plaît.',
    },
    fail: {
      title: 'Le contrôle n’a pas abouti',
      advice: 'Vous pouvez demander une autre façon de vous identifier.',
    },
  },
  problems: {
    'camera-denied': {
      title: 'La caméra n’est pas autorisée',
      advice: 'Autorisez-la pour cette page dans la barre d’adresse, puis réessayez.',
    },
    'camera-forbidden': {
      title: 'Cette page ne peut pas utiliser la caméra',
      advice: 'Ce n’est pas votre faute, et aucun réglage n’y change rien. Demandez un autre moyen.',
    },
    'camera-not-found': {
      title: 'Aucune caméra trouvée',
      advice: 'Branchez une caméra ou ouvrez cette page sur un téléphone.',
    },
    'camera-busy': {
      title: 'La caméra est déjà utilisée',
      advice: 'Fermez les autres programmes qui l’utilisent, puis réessayez.',
    },
    'camera-insufficient': {
      title: 'Cette caméra ne suffit pas',
      advice: 'Prenez une caméra d’au moins 480 × 360 pixels.',
    },
    'camera-ended': { title: 'La caméra s’est arrêtée', advice: 'Vérifiez la caméra, puis réessayez.' },
    'insecure-context': {
      title: 'Cette page n’est pas sûre',
      advice: 'La caméra ne marche que sur les pages en https.',
    },
    'unsupported-browser': {
      title: 'Ce navigateur ne le permet pas',
      advice: 'Prenez une version actuelle de Chrome, Edge, Firefox ou Safari.',
    },
    outdated: { title: 'Cette page est dépassée', advice: 'Rechargez la page et recommencez.' },
    'unsafe-network': {
      title: 'Ce réseau n’est pas sûr',
      advice: 'Rien n’a été envoyé. Réessayez sur un autre réseau.',
    },
    'connection-lost': { title: 'La connexion est perdue', advice: 'Vérifiez le réseau, puis réessayez.' },
    cancelled: { title: 'Annulé', advice: 'Recommencez quand vous serez prêt.' },
    'session-over': { title: 'Ce contrôle est terminé', advice: 'Recommencez depuis la page.' },
    'not-complete': {
      title: 'L’enregistrement s’est arrêté trop tôt',
      advice: 'Réessayez, s’il vous plaît.',
    },
    overloaded: { title: 'Il y a beaucoup de monde', advice: 'Attendez un instant, puis réessayez.' },
    unavailable: { title: 'Le contrôle n’est pas disponible', advice: 'Réessayez plus tard.' },
    wrong: {
      title: 'Quelque chose n’a pas marché',
      advice: 'Ce n’est pas de votre faute. Réessayez, s’il vous plaît.',
    },
  },
}
