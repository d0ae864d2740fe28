"""TTS-SVC: approved services, and the conditions of their approval."""
