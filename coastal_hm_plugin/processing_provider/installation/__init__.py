"""Installing missing Python packages into a folder of the plugin's own, without touching any package of QGIS.

``interpreter`` finds QGIS's Python, ``inventory`` reads what is there, ``commands`` words the calls of pip, ``outcome``
reads its answers, ``folder`` keeps the result, ``procedure`` is the course of it all and ``process`` runs it.
Only ``process`` and one function of ``folder`` know QGIS.
"""
